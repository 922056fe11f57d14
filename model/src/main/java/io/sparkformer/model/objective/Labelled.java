package io.sparkformer.model.objective;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What people have labelled: classes and values of sequences, classes of tokens, spans. */
public final class Labelled {
  private Labelled() {}

  /** @param classes of the sequences; {@link Batch#IGNORED} where unknown */
  public static Batch sequences(Sequences sequences, int[] classes) {
    return new Batch(sequences, null, Map.of(HeadConfig.SequenceClass.NAME, Batch.Labels.of(classes)));
  }

  /** @param values of the sequences; not a number where unknown */
  public static Batch values(Sequences sequences, float[] values) {
    return new Batch(sequences, null, Map.of(HeadConfig.SequenceClass.NAME, Batch.Labels.of(values)));
  }

  /** @param classes of the tokens of each sequence; {@link Batch#IGNORED} where unknown */
  public static Batch tokens(Sequences sequences, List<int[]> classes) {
    return new Batch(sequences, null, Map.of(HeadConfig.TokenClass.NAME, Batch.Labels.of(classes)));
  }

  /**
   * @param starts place of the first token of each sequence's answer
   * @param ends place of its last token
   */
  public static Batch spans(Sequences sequences, int[] starts, int[] ends) {
    int[] pairs = IntStream.range(0, 2 * starts.length).map(i -> i % 2 == 0 ? starts[i / 2] : ends[i / 2]).toArray();
    Batch.Labels flat = Batch.Labels.of(pairs);
    return new Batch(sequences, null, Map.of(HeadConfig.Span.NAME, new Batch.Labels(flat.values().reshape(starts.length, 2), 1)));
  }
}
