package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A head over its weights: scores, and their loss. */
public sealed interface HeadNode {
  /**
   * Loss of a micro-batch, without a gradient.
   *
   * @param x {@code [rows, width]}
   * @param segments of the sequences of the last stack
   * @param labels as {@link io.sparkformer.model.batch.Batch} has them for such a head
   */
  Loss loss(INDArray x, Segments segments, INDArray labels);

  /** As {@link #loss}; adds the gradients of {@code weight} times its sum. */
  OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space);

  /** Unnormalized scores {@code [rows, classes]}. */
  INDArray logits(INDArray x, Space space);

  /** Classes of rows. */
  record Classes(OutputKernel kernel) implements HeadNode {
    @Override
    public Loss loss(INDArray x, Segments segments, INDArray labels) {
      return kernel.loss(x, labels);
    }

    @Override
    public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
      return kernel.lossAndGradient(x, labels, weight, space);
    }

    @Override
    public INDArray logits(INDArray x, Space space) {
      return kernel.logits(x, space);
    }
  }

  /**
   * Few scores for each row, whose loss is computed on the host.
   *
   * @param losses makes the loss of the sequences and their labels
   */
  record Scores(ScoreKernel kernel, BiFunction<Segments, INDArray, ScoreLoss> losses) implements HeadNode {
    @Override
    public Loss loss(INDArray x, Segments segments, INDArray labels) {
      return kernel.loss(x, losses.apply(segments, labels));
    }

    @Override
    public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
      return kernel.lossAndGradient(x, losses.apply(segments, labels), weight, space);
    }

    @Override
    public INDArray logits(INDArray x, Space space) {
      return kernel.logits(x, space);
    }
  }
}
