package io.sparkformer.model.objective;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every token of a target from the source and the tokens before it (Sutskever et al. 2014): what an encoder-decoder learns from pairs.
 *
 * @param begin stands before every target, for the decoder to read
 * @param end stands behind every source and target
 */
public record SequenceToSequence(int begin, int end) {
  /**
   * A micro-batch of pairs, given without begin and end tokens.
   *
   * @param firstSourceToken place of the first source token in the global batch
   * @param firstTargetToken place of the first target token in the global batch
   */
  public Batch batch(List<int[]> sources, List<int[]> targets, int firstSourceToken, int firstTargetToken) {
    if (sources.isEmpty() || sources.size() != targets.size()) {
      throw new IllegalArgumentException("A micro-batch needs as many targets as sources, and at least one: sources=%d, targets=%d"
          .formatted(sources.size(), targets.size()));
    }
    List<int[]> inputs = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    targets.forEach(target -> {
      inputs.add(Tokens.between(begin, target));
      labels.add(Tokens.between(target, end));
    });
    return new Batch(Sequences.pack(sources.stream().map(source -> Tokens.between(source, end)).toList(), firstSourceToken),
        Sequences.pack(inputs, firstTargetToken), Map.of(HeadConfig.Vocabulary.NAME, Batch.Labels.of(labels)));
  }
}
