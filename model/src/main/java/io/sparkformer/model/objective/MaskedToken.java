package io.sparkformer.model.objective;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Hidden tokens from all others (Devlin et al. 2019, section 3.1): a share of the tokens is to be said; of these 80 % are replaced by the
 * mask token, 10 % by a random token, and 10 % stay.
 *
 * @param share of the tokens that are to be said; 0.15 in the paper
 * @param mask id of the mask token
 * @param vocabulary random tokens are below it
 * @param special tokens that stay as they are, and are not drawn
 * @param continuing tokens that continue a word: either all tokens of a word are to be said or none, as in the whole-word models that
 *     BERT's authors published in 2019. Empty where each token is drawn by itself
 */
public record MaskedToken(double share, int mask, int vocabulary, Set<Integer> special, Set<Integer> continuing) {
  private static final double MASKED = 0.8;
  private static final double RANDOM = 0.1;

  /** Each token by itself, as in the paper. */
  public MaskedToken(double share, int mask, int vocabulary, Set<Integer> special) {
    this(share, mask, vocabulary, special, Set.of());
  }

  public MaskedToken {
    special = Set.copyOf(special);
    continuing = Set.copyOf(continuing);
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("Invalid share of masked tokens: %s (must be above 0 and below 1)".formatted(share));
    }
  }

  /**
   * A micro-batch of sequences. What is hidden is a function of the seed and of a sequence's place in the global batch.
   *
   * @param firstToken place of the first token in the global batch
   * @param seed of the pass over the data
   */
  public Batch batch(List<int[]> sequences, long firstToken, long seed) {
    List<int[]> inputs = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    long place = firstToken;
    for (int[] tokens : sequences) {
      int[] input = tokens.clone();
      int[] label = new int[tokens.length];
      Arrays.fill(label, Batch.IGNORED);
      hide(input, label, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + place));
      inputs.add(input);
      labels.add(label);
      place += tokens.length;
    }
    return new Batch(Sequences.pack(inputs, firstToken), null, Map.of(HeadConfig.Vocabulary.NAME, Batch.Labels.of(labels)));
  }

  private void hide(int[] input, int[] label, SplittableRandom random) {
    boolean inWord = false;
    boolean chosen = false;
    for (int i = 0; i < input.length; i++) {
      if (special.contains(input[i])) {
        inWord = false;
        continue;
      }
      if (!inWord || !continuing.contains(input[i])) {
        chosen = random.nextDouble() < share;
      }
      inWord = true;
      if (!chosen) {
        continue;
      }
      label[i] = input[i];
      double fate = random.nextDouble();
      if (fate < MASKED) {
        input[i] = mask;
      } else if (fate < MASKED + RANDOM) {
        input[i] = other(random);
      }
    }
  }

  private int other(SplittableRandom random) {
    int token = random.nextInt(vocabulary);
    while (special.contains(token)) {
      token = random.nextInt(vocabulary);
    }
    return token;
  }
}
