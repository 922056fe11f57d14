package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.Activation;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The portable kernels: ND4J operations only, on any backend and in any floating-point type. Clear rather than fast; the oracle
 * that faster kernels are compared with, and in double precision the one whose gradients are checked by finite differences.
 */
public final class Nd4jKernels implements Kernels {
  @Override
  public EmbeddingKernel embedding(Weight table, int maxLength, Dropout dropout) {
    return new Nd4jEmbedding(table, maxLength, dropout);
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, int heads, Masking masking, Dropout dropout) {
    return new Nd4jAttention(weights, heads, masking, dropout);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, Activation activation, Dropout dropout) {
    return new Nd4jFeedForward(weights, activation, dropout);
  }

  @Override
  public ResidualKernel residualNorm(Weight gain, Weight bias, double epsilon, Dropout dropout) {
    return new Nd4jResidual(dropout, new Nd4jNorm(gain, bias, epsilon));
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return new Nd4jResidual(dropout, null);
  }

  @Override
  public NormKernel norm(Weight gain, Weight bias, double epsilon) {
    return new Nd4jNorm(gain, bias, epsilon);
  }

  @Override
  public OutputKernel output(Weight table, double labelSmoothing) {
    return new Nd4jOutput(table, labelSmoothing);
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
