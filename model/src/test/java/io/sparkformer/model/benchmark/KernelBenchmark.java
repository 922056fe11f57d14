package io.sparkformer.model.benchmark;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Segments;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** Each kernel in inference, and in training: forward and backward once after an update, with dropout 0.1. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class KernelBenchmark {
  @Benchmark
  public Object feedForwardInference(FeedForward state) {
    return state.inMemory(() -> state.kernel.forward(state.x, 0, Pass.INFERENCE, state.memory));
  }

  @Benchmark
  public Object feedForwardTraining(FeedForward state) {
    return state.training(() -> {
      Forward forward = state.kernel.forward(state.x, 0, KernelState.TRAINING, state.memory);
      return forward.backward().run(state.dy, state.memory);
    });
  }

  @Benchmark
  public Object gatedInference(GatedFeedForward state) {
    return state.inMemory(() -> state.kernel.forward(state.x, 0, Pass.INFERENCE, state.memory));
  }

  @Benchmark
  public Object gatedTraining(GatedFeedForward state) {
    return state.training(() -> {
      Forward forward = state.kernel.forward(state.x, 0, KernelState.TRAINING, state.memory);
      return forward.backward().run(state.dy, state.memory);
    });
  }

  @Benchmark
  public Object attentionInference(Attention state) {
    return state.inMemory(() -> state.kernel.forward(state.x, state.segments, state.x, state.segments, Pass.INFERENCE, state.memory));
  }

  @Benchmark
  public Object attentionTraining(Attention state) {
    return state.training(() -> {
      Forward forward = state.kernel.forward(state.x, state.segments, state.x, state.segments, KernelState.TRAINING, state.memory);
      return forward.backward().run(state.dy, state.memory);
    });
  }

  @Benchmark
  public Object residualNormInference(ResidualNorm state) {
    return state.inMemory(() -> state.kernel.forward(state.x, state.residual, 0, Pass.INFERENCE, state.memory));
  }

  @Benchmark
  public Object residualNormTraining(ResidualNorm state) {
    return state.training(() -> {
      Forward forward = state.kernel.forward(state.x, state.residual, 0, KernelState.TRAINING, state.memory);
      return forward.backward().run(state.dy, state.memory);
    });
  }

  @Benchmark
  public Object outputLossInference(Output state) {
    return state.kernel.loss(state.x, state.targets);
  }

  @Benchmark
  public Object outputLossTraining(Output state) {
    return state.training(() -> state.kernel.lossAndGradient(state.x, state.targets, 1, state.memory));
  }

  @Benchmark
  public Object embeddingInference(Embedding state) {
    return state.inMemory(() -> state.kernel.forward(state.ids, null, state.segments, null, Pass.INFERENCE, state.memory));
  }

  @Benchmark
  public Object embeddingTraining(Embedding state) {
    return state.training(() -> {
      Forward forward = state.kernel.forward(state.ids, null, state.segments, null, KernelState.TRAINING, state.memory);
      return forward.backward().run(state.dy, state.memory);
    });
  }

  /** A feed-forward layer with a ReLU. */
  public static class FeedForward extends KernelState {
    FeedForwardKernel kernel;
    INDArray x;
    INDArray dy;

    @Override
    void prepare() {
      kernel = kernels.feedForward(new FeedForwardWeights(weight(size.ffn, size.dModel), weight(size.ffn),
          weight(size.dModel, size.ffn), weight(size.dModel)),
          new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, size.ffn, Activation.RELU, Biases.ALL, DROPOUT.rate()), DROPOUT);
      x = array(tokens(), size.dModel);
      dy = array(tokens(), size.dModel);
    }
  }

  /** A gated feed-forward layer with SiLU and without biases, as LLaMA's. */
  public static class GatedFeedForward extends KernelState {
    FeedForwardKernel kernel;
    INDArray x;
    INDArray dy;

    @Override
    void prepare() {
      kernel = kernels.feedForward(
          new FeedForwardWeights(weight(2L * size.ffn, size.dModel), null, weight(size.dModel, size.ffn), null),
          new FeedForwardConfig(FeedForwardConfig.Kind.GATED, size.ffn, Activation.SILU, Biases.NONE, 0), Dropout.NONE);
      x = array(tokens(), size.dModel);
      dy = array(tokens(), size.dModel);
    }
  }

  /** Causal self-attention with its projections. */
  public static class Attention extends KernelState {
    AttentionKernel kernel;
    Segments segments;
    INDArray x;
    INDArray dy;

    @Override
    void prepare() {
      int d = size.dModel;
      kernel = kernels.attention(new AttentionWeights(weight(3L * d, d), weight(3L * d), weight(d, d), weight(d), null),
          new AttentionConfig(size.heads, size.heads, d / size.heads, Math.pow(d / (double) size.heads, -0.5), Biases.ALL, Masking.CAUSAL,
              0, AttentionPositions.NONE, DROPOUT.rate()), DROPOUT);
      segments = segments();
      x = array(tokens(), d);
      dy = array(tokens(), d);
    }
  }

  /** The end of a post-norm sub-layer. */
  public static class ResidualNorm extends KernelState {
    ResidualKernel kernel;
    INDArray x;
    INDArray residual;
    INDArray dy;

    @Override
    void prepare() {
      kernel = kernels.residualNorm(new NormWeights(weight(size.dModel), weight(size.dModel)), NormConfig.layer(1e-5), DROPOUT);
      x = array(tokens(), size.dModel);
      residual = array(tokens(), size.dModel);
      dy = array(tokens(), size.dModel);
    }
  }

  /** Output projection and label-smoothed loss. */
  public static class Output extends KernelState {
    OutputKernel kernel;
    INDArray x;
    INDArray targets;

    @Override
    void prepare() {
      kernel = kernels.output(new OutputWeights(weight(size.vocabulary, size.dModel), null), 1, LossTerms.smoothing(0.1));
      x = array(tokens(), size.dModel);
      targets = ids(tokens());
    }
  }

  /** Embedding and positions. */
  public static class Embedding extends KernelState {
    EmbeddingKernel kernel;
    Segments segments;
    INDArray ids;
    INDArray dy;

    @Override
    void prepare() {
      kernel = kernels.embedding(new EmbeddingWeights(weight(size.vocabulary, size.dModel), null, null),
          new EmbeddingConfig("table", Math.sqrt(size.dModel),
              new EmbeddingPositions.Sinusoidal(EmbeddingPositions.Sinusoidal.Layout.INTERLEAVED, 0, size.dModel / 2.0), 0, null,
              DROPOUT.rate()), 512, DROPOUT);
      segments = segments();
      ids = ids(tokens());
      dy = array(tokens(), size.dModel);
    }
  }
}
