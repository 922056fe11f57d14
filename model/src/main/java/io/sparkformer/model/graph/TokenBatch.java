package io.sparkformer.model.graph;

import java.util.List;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A micro-batch of sentence pairs, packed: the tokens of all sentences one after another, and where each sentence begins.
 * Offsets count from the first token of the <em>global</em> batch.
 *
 * @param source INT {@code [source tokens]}: sentence, end token
 * @param sourceOffsets INT {@code [sentences + 1]}
 * @param target INT {@code [target tokens]}: begin token, sentence (what the decoder reads)
 * @param targetOffsets INT {@code [sentences + 1]}
 * @param labels INT {@code [target tokens]}: sentence, end token (what the decoder is to say)
 */
public record TokenBatch(INDArray source, INDArray sourceOffsets, INDArray target, INDArray targetOffsets, INDArray labels) {
  /**
   * Packs sentences, given without begin and end tokens.
   *
   * @param firstSourceToken place of the first source token in the global batch
   * @param firstTargetToken place of the first target token in the global batch
   */
  public static TokenBatch pack(List<int[]> sources, List<int[]> targets, int firstSourceToken, int firstTargetToken, int begin, int end) {
    if (sources.isEmpty() || sources.size() != targets.size()) {
      throw new IllegalArgumentException("A micro-batch needs as many targets as sources, and at least one: sources=%d, targets=%d"
          .formatted(sources.size(), targets.size()));
    }
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return new TokenBatch(
          array(packed(sources, null, end)), array(offsets(sources, firstSourceToken)),
          array(packed(targets, begin, null)), array(offsets(targets, firstTargetToken)), array(packed(targets, null, end)));
    }
  }

  public int sentences() {
    return (int) sourceOffsets.length() - 1;
  }

  public int sourceTokens() {
    return (int) source.length();
  }

  public int targetTokens() {
    return (int) target.length();
  }

  INDArray[] inputs() {
    return new INDArray[] {source, target, sourceOffsets, targetOffsets};
  }

  private static INDArray array(int[] values) {
    return Nd4j.createFromArray(values);
  }

  private static int[] offsets(List<int[]> sentences, int first) {
    int[] offsets = new int[sentences.size() + 1];
    offsets[0] = first;
    for (int i = 0; i < sentences.size(); i++) {
      offsets[i + 1] = Math.addExact(offsets[i], sentences.get(i).length + 1);
    }
    return offsets;
  }

  /** Every sentence with one token before it or behind it; null for none. */
  private static int[] packed(List<int[]> sentences, Integer before, Integer behind) {
    int[] tokens = new int[sentences.stream().mapToInt(s -> s.length + 1).sum()];
    int at = 0;
    for (int[] sentence : sentences) {
      if (before != null) {
        tokens[at++] = before;
      }
      System.arraycopy(sentence, 0, tokens, at, sentence.length);
      at += sentence.length;
      if (behind != null) {
        tokens[at++] = behind;
      }
    }
    return tokens;
  }
}
