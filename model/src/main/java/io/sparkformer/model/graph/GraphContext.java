package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Segments;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the vertices of one graph share: kernels, who follows a pass, and where the sequences of a micro-batch begin. */
final class GraphContext {
  /** Offsets that were read last: an encoder's and a decoder's. */
  private static final int REMEMBERED = 2;

  private final Kernels kernels;
  private final List<Read> read = new ArrayList<>();
  private ParameterRanges ranges;
  private double[] lossWeights = {};
  private Segments headSegments;

  /** Segments, and the array that they were read from. */
  private record Read(INDArray offsets, Segments segments) {}

  GraphContext(Kernels kernels) {
    this.kernels = kernels;
  }

  Kernels kernels() {
    return kernels;
  }

  void follow(ParameterRanges by) {
    ranges = by;
  }

  void beforeForward(String vertex) {
    kernels.enter(vertex);
    if (ranges != null) {
      ranges.beforeForward(vertex);
    }
  }

  void afterBackward(String vertex) {
    if (ranges != null) {
      ranges.afterBackward(vertex);
    }
  }

  /** The segments of these offsets; an array is read once, since all layers of a stack have the same. */
  Segments segments(INDArray offsets) {
    for (Read known : read) {
      if (known.offsets == offsets) {
        return known.segments;
      }
    }
    if (read.size() == REMEMBERED) {
      read.remove(0);
    }
    Segments segments = Segments.of(offsets);
    read.add(new Read(offsets, segments));
    return segments;
  }

  /** What the heads need to know of the micro-batch under way, beside their labels. */
  void begin(Segments ofLastStack, double[] weights) {
    headSegments = ofLastStack;
    lossWeights = weights;
  }

  Segments headSegments() {
    return headSegments;
  }

  double lossWeight(int head) {
    return head < lossWeights.length ? lossWeights[head] : 1;
  }

  /** The micro-batch is over. */
  void end() {
    read.clear();
    headSegments = null;
    lossWeights = new double[0];
  }
}
