package io.sparkformer.model.batch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A micro-batch: what a network reads, and what its heads are to say.
 *
 * @param encoder what the encoder reads; null for a network without one
 * @param decoder what the decoder reads; null for a network without one
 * @param labels by the name of the head; empty where nothing is to be learnt. Of classes of tokens (vocabulary, token-class) INT
 *     {@code [tokens]}, of classes of sequences INT {@code [sequences]}, negative where there is no label; of values FLOAT
 *     {@code [sequences]}, not a number where there is none; of spans INT {@code [sequences, 2]}
 */
public record Batch(Sequences encoder, Sequences decoder, Map<String, Labels> labels) {
  /** Of {@link Labels#values}: no label here. Hugging Face's number. */
  public static final int IGNORED = -100;

  public Batch {
    labels = new LinkedHashMap<>(labels);
  }

  /**
   * Labels for a head.
   *
   * @param values INT, or FLOAT of values
   * @param weight what the head's summed loss is multiplied by in the gradient; 1 where there is one head
   */
  public record Labels(INDArray values, double weight) {
    public static Labels of(int[] values) {
      try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        return new Labels(Nd4j.createFromArray(values), 1);
      }
    }

    public static Labels of(float[] values) {
      try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        return new Labels(Nd4j.createFromArray(values), 1);
      }
    }

    /** Labels of all sequences one after another. */
    public static Labels of(List<int[]> values) {
      return of(Sequences.join(values));
    }

    public Labels weighted(double factor) {
      return new Labels(values, factor);
    }
  }

  /** What the last stack reads. */
  public Sequences last() {
    return decoder != null ? decoder : encoder;
  }
}
