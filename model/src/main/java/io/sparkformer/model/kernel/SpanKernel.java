package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The head of extractive question answering (Devlin et al. 2019, section 4.2): two scores for each token, and for each sequence the mean of
 * the cross-entropies of its first and its last token, each over the tokens of the sequence.
 */
public interface SpanKernel {
  /** Loss of a micro-batch, without a gradient: {@code labels} INT {@code [sequences, 2]}, places of the first and the last token. */
  Loss loss(INDArray x, Segments segments, INDArray labels);

  /** As {@link #loss}; adds the gradient of {@code weight} times its sum over sequences. */
  OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space);

  /** {@code [tokens, 2]}. */
  INDArray logits(INDArray x, Space space);
}
