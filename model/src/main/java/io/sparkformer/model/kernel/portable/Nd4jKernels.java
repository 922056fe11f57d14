package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.Weight;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The portable kernels of one graph; they compute in the type of its parameters, FLOAT or DOUBLE. */
public sealed class Nd4jKernels implements Kernels permits RecordingKernels {
  private final Nd4jMemory memory = new Nd4jMemory();

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public Kernels sharing() {
    return new Nd4jKernels();
  }

  @Override
  public EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    return new Nd4jEmbedding(weights, config, maxLength, dropout, memory);
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    return new Nd4jAttention(weights, config, dropout, memory);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    return new Nd4jFeedForward(weights, config, dropout, memory);
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return new Nd4jResidual(dropout, null, memory);
  }

  @Override
  public ResidualKernel residualNorm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new Nd4jResidual(dropout, new Nd4jNorm(weights, config, Dropout.NONE, memory), memory);
  }

  @Override
  public NormKernel norm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new Nd4jNorm(weights, config, dropout, memory);
  }

  @Override
  public DenseKernel dense(Weight weight, Weight bias, Activation activation) {
    return new Nd4jDense(new Nd4jLinear(weight, bias), activation, memory);
  }

  @Override
  public DropoutKernel dropout(Dropout dropout) {
    return new Nd4jDropout(dropout, memory);
  }

  @Override
  public PoolingKernel pooling(PoolingKernel.Kind kind) {
    return new Nd4jPooling(kind, memory);
  }

  @Override
  public OutputKernel output(OutputWeights weights, double scale, LossTerms terms) {
    return new Nd4jOutput(new Nd4jLinear(weights.table(), weights.bias()), scale, terms, memory);
  }

  @Override
  public ScoreKernel scores(OutputWeights weights) {
    return new Nd4jScores(new Nd4jLinear(weights.table(), weights.bias()), memory);
  }

  @Override
  public void add(INDArray to, INDArray from) {
    to.addi(from);
  }

  @Override
  public void parametersChanged() {
    // Nothing is derived from the parameters: every product reads them where they are.
  }

  @Override
  public String description() {
    return "portable ND4J kernels on " + Nd4j.getBackend().getClass().getSimpleName();
  }
}
