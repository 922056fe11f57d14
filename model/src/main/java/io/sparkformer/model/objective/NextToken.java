package io.sparkformer.model.objective;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Every token from those before it (Radford et al. 2018): what a decoder by itself learns from text. */
public record NextToken() {
  /**
   * A micro-batch of sequences of at least two tokens; the last token of each is only said, never read.
   *
   * @param firstToken place of the first token that is read in the global batch
   */
  public Batch batch(List<int[]> sequences, long firstToken) {
    List<int[]> inputs = sequences.stream().map(tokens -> Arrays.copyOf(tokens, tokens.length - 1)).toList();
    List<int[]> labels = sequences.stream().map(tokens -> Arrays.copyOfRange(tokens, 1, tokens.length)).toList();
    return new Batch(null, Sequences.pack(inputs, firstToken), Map.of(HeadConfig.Vocabulary.NAME, Batch.Labels.of(labels)));
  }
}
