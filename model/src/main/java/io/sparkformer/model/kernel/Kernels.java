package io.sparkformer.model.kernel;

import io.sparkformer.model.config.Activation;

/**
 * Makes the kernels of one graph: one for every box of the paper's figure 1, each as big as the fusion needs, so that an
 * implementation is free in what it keeps between products and in which precision.
 *
 * <p>A kernel belongs to one vertex of one graph and is used by one thread at a time: {@code forward}, then at most one
 * {@code backward} that belongs to it. Arrays are ND4J's, results are allocated through the workspace manager that a call
 * receives ({@code ACTIVATIONS} forward, {@code ACTIVATION_GRAD} backward), and gradients of parameters are added to
 * {@link Weight#gradient()}.
 */
public interface Kernels {
  /** @see EmbeddingKernel */
  EmbeddingKernel embedding(Weight table, int maxLength, Dropout dropout);

  /** @see AttentionKernel */
  AttentionKernel attention(AttentionWeights weights, int heads, Masking masking, Dropout dropout);

  /** @see FeedForwardKernel */
  FeedForwardKernel feedForward(FeedForwardWeights weights, Activation activation, Dropout dropout);

  /** {@code residual + dropout(x)}, then layer normalization: the end of a post-norm sub-layer. */
  ResidualKernel residualNorm(Weight gain, Weight bias, double epsilon, Dropout dropout);

  /** {@code residual + dropout(x)}: the end of a pre-norm sub-layer. */
  ResidualKernel residual(Dropout dropout);

  /** @see NormKernel */
  NormKernel norm(Weight gain, Weight bias, double epsilon);

  /** @see OutputKernel */
  OutputKernel output(Weight table, double labelSmoothing);

  /** To be called after every change of the parameters' values: what was derived from them (casts, packed copies) is stale. */
  void parametersChanged();

  /** Name, instruction set and precision, for the log. */
  String description();
}
