package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Derived;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
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
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.DeviceSlice;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels that do what others do, and note how long it took. */
public final class ProfiledKernels implements Kernels {
  private static final String RESIDUAL = "residual, dropout, norm";

  private final Kernels kernels;
  private final KernelProfile profile;

  public ProfiledKernels(Kernels kernels, KernelProfile profile) {
    this.kernels = kernels;
    this.profile = profile;
  }

  /** A forward pass, and the backward pass that it returns. */
  static Forward timed(KernelProfile profile, String kind, Supplier<Forward> pass) {
    Forward forward = profile.forward(kind, pass);
    Backward backward = forward.backward();
    return backward == null ? forward : new Forward(forward.output(),
        (outputGradient, space) -> profile.backward(kind, () -> backward.run(outputGradient, space)));
  }

  private Forward timed(String kind, Supplier<Forward> pass) {
    return timed(profile, kind, pass);
  }

  @Override
  public Memory memory() {
    return kernels.memory();
  }

  @Override
  public Kernels sharing() {
    return new ProfiledKernels(kernels.sharing(), profile);
  }

  @Override
  public Derived derived() {
    return kernels.derived();
  }

  @Override
  public EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    EmbeddingKernel kernel = kernels.embedding(weights, config, maxLength, dropout);
    return (ids, types, segments, firstPositions, pass, space) ->
        timed("embedding", () -> kernel.forward(ids, types, segments, firstPositions, pass, space));
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    return new ProfiledAttention(kernels.attention(weights, config, dropout), profile);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    FeedForwardKernel kernel = kernels.feedForward(weights, config, dropout);
    return (x, firstToken, pass, space) -> timed("feed-forward", () -> kernel.forward(x, firstToken, pass, space));
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return profiled(kernels.residual(dropout));
  }

  @Override
  public ResidualKernel residualNorm(NormWeights weights, NormConfig config, Dropout dropout) {
    return profiled(kernels.residualNorm(weights, config, dropout));
  }

  private ResidualKernel profiled(ResidualKernel kernel) {
    return (x, residual, firstToken, pass, space) -> timed(RESIDUAL, () -> kernel.forward(x, residual, firstToken, pass, space));
  }

  @Override
  public NormKernel norm(NormWeights weights, NormConfig config, Dropout dropout) {
    NormKernel kernel = kernels.norm(weights, config, dropout);
    return (x, firstToken, pass, space) -> timed("norm", () -> kernel.forward(x, firstToken, pass, space));
  }

  @Override
  public DenseKernel dense(Weight weight, Weight bias, Activation activation) {
    DenseKernel kernel = kernels.dense(weight, bias, activation);
    return (x, pass, space) -> timed("dense", () -> kernel.forward(x, pass, space));
  }

  @Override
  public DropoutKernel dropout(Dropout dropout) {
    DropoutKernel kernel = kernels.dropout(dropout);
    return (x, places, pass, space) -> timed("dropout", () -> kernel.forward(x, places, pass, space));
  }

  @Override
  public PoolingKernel pooling(PoolingKernel.Kind kind) {
    PoolingKernel kernel = kernels.pooling(kind);
    return (x, segments, pass, space) -> timed("pooling", () -> kernel.forward(x, segments, pass, space));
  }

  @Override
  public OutputKernel output(OutputWeights weights, double scale, LossTerms terms) {
    return new ProfiledOutput(kernels.output(weights, scale, terms), profile);
  }

  @Override
  public boolean canFreeze() {
    return kernels.canFreeze();
  }

  @Override
  public ScoreKernel scores(OutputWeights weights) {
    return new ProfiledScores(kernels.scores(weights), profile);
  }

  @Override
  public void add(INDArray to, INDArray from) {
    profile.forward("sums", () -> {
      kernels.add(to, from);
      return null;
    });
  }

  @Override
  public void copy(INDArray to, INDArray from) {
    kernels.copy(to, from);
  }

  @Override
  public Space activations(Space workspace) {
    return kernels.activations(workspace);
  }

  @Override
  public Space gradients(Space workspace) {
    return kernels.gradients(workspace);
  }

  @Override
  public void bind(INDArray parameters, INDArray gradient) {
    kernels.bind(parameters, gradient);
  }

  @Override
  public void deliver(INDArray range) {
    kernels.deliver(range);
  }

  @Override
  public void deliver(INDArray gradient, Runnable then) {
    kernels.deliver(gradient, then);
  }

  @Override
  public void awaitDeliveries() {
    kernels.awaitDeliveries();
  }

  @Override
  public void clear(INDArray gradient) {
    kernels.clear(gradient);
  }

  @Override
  public Optional<DeviceSlice> slice(FlatRange slice, FloatRegion firstMoment, FloatRegion secondMoment) {
    return kernels.slice(slice, firstMoment, secondMoment);
  }

  @Override
  public void parametersChanged() {
    kernels.parametersChanged();
  }

  @Override
  public String description() {
    return kernels.description();
  }

  @Override
  public void close() {
    kernels.close();
  }
}
