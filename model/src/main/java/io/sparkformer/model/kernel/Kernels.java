package io.sparkformer.model.kernel;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.DeviceSlice;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Makes the kernels of one graph: one for every box of a network, each as big as the fusion needs, so that an implementation is free in
 * what it keeps between products and in which precision.
 *
 * <p>A kernel belongs to one block of one graph and is used by one thread at a time. It keeps nothing between its passes: what the
 * backward pass needs is in the {@link Forward} that the forward pass returns, in arrays of {@link #memory()}. So a kernel may run
 * forward several times, and backward in the reverse order. Arrays are ND4J's; gradients of parameters are added to
 * {@link Weight#gradient()}.
 */
public interface Kernels extends AutoCloseable {
  /** The memory that all kernels of the graph use. */
  Memory memory();

  /**
   * @param maxLength longest sequence
   * @see EmbeddingKernel
   */
  EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout);

  /** @see AttentionKernel */
  AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout);

  /** @see FeedForwardKernel */
  FeedForwardKernel feedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout);

  /** {@code residual + dropout(x)}: the end of a pre-norm sub-layer. */
  ResidualKernel residual(Dropout dropout);

  /** {@code norm(residual + dropout(x))}: the end of a post-norm sub-layer. */
  ResidualKernel residualNorm(NormWeights weights, NormConfig config, Dropout dropout);

  /** @see NormKernel */
  NormKernel norm(NormWeights weights, NormConfig config, Dropout dropout);

  /**
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}
   * @see DenseKernel
   */
  DenseKernel dense(Weight weight, Weight bias, Activation activation);

  /** @see DropoutKernel */
  DropoutKernel dropout(Dropout dropout);

  /** @see PoolingKernel */
  PoolingKernel pooling(PoolingKernel.Kind kind);

  /**
   * @param scale of {@code x} before the product
   * @see OutputKernel
   */
  OutputKernel output(OutputWeights weights, double scale, LossTerms terms);

  /** @see ScoreKernel */
  ScoreKernel scores(OutputWeights weights);

  /** {@code to += from}, elementwise, same shapes: the gradients of an array that several blocks read. */
  void add(INDArray to, INDArray from);

  /** {@code to = from}, same shapes. Either may be an array of the host, such as one that outlives a pass. */
  default void copy(INDArray to, INDArray from) {
    to.assign(from);
  }

  /**
   * Where a training pass puts what goes from one vertex of the graph to the next. Kernels that compute elsewhere than on the host have
   * memory of their own for it; from there it is gone when {@link #memory()} is given back whole.
   *
   * @param workspace DL4J's memory of the host for it
   */
  default Space activations(Space workspace) {
    return workspace;
  }

  /** As {@link #activations}, for the gradients that go the other way. */
  default Space gradients(Space workspace) {
    return workspace;
  }

  /**
   * Says where the network's parameters and their gradients lie, before the first training pass. Kernels that compute elsewhere than on
   * the host keep copies of both arrays there.
   */
  default void bind(INDArray parameters, INDArray gradient) {
    // Kernels of the host use the arrays themselves.
  }

  /**
   * Sees to it that a range of the flat parameters or of the flat gradient is on the host as it is where the kernels compute. To be called
   * before the host reads it.
   *
   * @param range parameters lie in it whole or not at all
   */
  default void deliver(INDArray range) {
    // Kernels of the host compute in it.
  }

  /**
   * Delivers a range of the gradient that is final, without waiting.
   *
   * @param gradient the range, within the {@linkplain #bind bound} gradient
   * @param then is run by the calling thread when the range is there, here or in a later call; {@link #awaitDeliveries} runs the last
   */
  default void deliver(INDArray gradient, Runnable then) {
    then.run();
  }

  /** Waits for all deliveries that were begun. */
  default void awaitDeliveries() {
    // They are made at once.
  }

  /** Sets a range of the flat gradient to zero. */
  default void clear(INDArray gradient) {
    gradient.assign(0);
  }

  /**
   * Where updates of a slice of the parameters are made beside the copies that these kernels have; empty if they are made on the host.
   * Parameters and gradient are {@linkplain #bind bound}.
   *
   * @param firstMoment {@code [slice]}, of the host
   * @param secondMoment {@code [slice]}, of the host
   */
  default Optional<DeviceSlice> slice(FlatRange slice, FloatRegion firstMoment, FloatRegion secondMoment) {
    return Optional.empty();
  }

  /** Whether weights may have no gradient while others have one: then gradients do not lie as the parameters do. */
  default boolean canFreeze() {
    return true;
  }

  /** Says which vertex of the graph runs its kernels next, by its name: for kernels that record what they compute. */
  default void enter(String vertex) {
    // Most kernels compute the same wherever they stand.
  }

  /** To be called after every change of the parameters' values: what was derived from them (casts, packed copies) is stale. */
  void parametersChanged();

  /**
   * Kernels for another graph over the same parameters, which is used by another thread. What is derived from the parameters is there once
   * for all such graphs, unless it is on a device; none of them may change the parameters or be trained.
   */
  Kernels sharing();

  /** What has been derived from the parameters so far, for all graphs that share it. */
  default Derived derived() {
    return Derived.NONE;
  }

  /** Name, instruction set and precision, for the log. */
  String description();

  /** Gives back at once what is not the host's memory; it is given back in any case when the kernels are garbage. */
  @Override
  default void close() {
    // Memory of the host belongs to Java's arrays.
  }
}
