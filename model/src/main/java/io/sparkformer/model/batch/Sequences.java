package io.sparkformer.model.batch;

import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sequences of tokens, packed: the tokens of all of them one after another, and where each begins.
 *
 * @param ids INT {@code [tokens]}
 * @param types INT {@code [tokens]}, of the token types that a network has; null where it has none, or all are 0
 * @param offsets INT {@code [sequences + 1]}, counted from the first token of the <em>global</em> batch
 */
public record Sequences(INDArray ids, INDArray types, INDArray offsets) {
  /** Packs sequences; {@code firstToken} is the place of their first token in the global batch. */
  public static Sequences pack(Collection<int[]> sequences, long firstToken) {
    return pack(List.copyOf(sequences), null, firstToken);
  }

  /** Packs sequences with the types of their tokens: of each as many, or none where all are 0. */
  public static Sequences pack(List<int[]> sequences, List<int[]> ofTokens, long firstToken) {
    boolean typed = ofTokens != null && ofTokens.stream().anyMatch(each -> each.length > 0);
    List<int[]> types = typed ? IntStream.range(0, sequences.size())
        .mapToObj(i -> ofTokens.get(i).length == 0 ? new int[sequences.get(i).length] : ofTokens.get(i)).toList() : null;

    if (sequences.isEmpty()) {
      throw new IllegalArgumentException("A micro-batch needs at least one sequence");
    }
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      int[] offsets = new int[sequences.size() + 1];
      offsets[0] = Math.toIntExact(firstToken);
      for (int i = 0; i < sequences.size(); i++) {
        offsets[i + 1] = Math.addExact(offsets[i], sequences.get(i).length);
        if (sequences.get(i).length == 0) {
          throw new IllegalArgumentException("Sequence %d of the micro-batch has no tokens".formatted(i));
        }
        if (types != null && types.get(i).length != sequences.get(i).length) {
          throw new IllegalArgumentException("Sequence %d of the micro-batch has %d tokens and %d types of tokens"
              .formatted(i, sequences.get(i).length, types.get(i).length));
        }
      }
      return new Sequences(Nd4j.createFromArray(join(sequences)), types == null ? null : Nd4j.createFromArray(join(types)),
          Nd4j.createFromArray(offsets));
    }
  }

  /** Packs sequences of one token each. */
  public static Sequences ofSingleTokens(int[] tokens) {
    int[] offsets = new int[tokens.length + 1];
    for (int i = 0; i <= tokens.length; i++) {
      offsets[i] = i;
    }
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return new Sequences(Nd4j.createFromArray(tokens), null, Nd4j.createFromArray(offsets));
    }
  }

  /** The elements of all arrays one after another. */
  static int[] join(List<int[]> arrays) {
    int[] joined = new int[arrays.stream().mapToInt(array -> array.length).sum()];
    int at = 0;
    for (int[] array : arrays) {
      System.arraycopy(array, 0, joined, at, array.length);
      at += array.length;
    }
    return joined;
  }

  public int count() {
    return (int) offsets.length() - 1;
  }

  public int tokens() {
    return (int) ids.length();
  }
}
