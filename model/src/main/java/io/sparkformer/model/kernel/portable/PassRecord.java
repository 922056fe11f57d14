package io.sparkformer.model.kernel.portable;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Receives what {@link RecordingKernels} compute in the forward and backward passes of a graph. */
public interface PassRecord {
  /** Receives nothing. */
  PassRecord NONE = new PassRecord() { };

  /** Whether an attention reads its own sequence or the encoder's. */
  enum Reads { ITS_OWN, THE_ENCODER }

  /**
   * An attention runs forward.
   *
   * @param vertex of the graph that it is part of
   * @param weights computes its attention weights: of each sequence {@code [heads, query_time, key_time]}; to be called now or never
   */
  default void attention(String vertex, Reads reads, Supplier<List<float[][][]>> weights) {
    // Not wanted.
  }

  /**
   * An embedding runs forward in a training pass.
   *
   * @param vertex of the graph that it is part of
   * @return receives in the backward pass the gradient of {@code scale * table[id] + types[type] + position}: {@code [tokens, width]}, to
   *     be read at once
   */
  default Consumer<INDArray> embedding(String vertex) {
    return gradient -> { };
  }
}
