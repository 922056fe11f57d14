package io.sparkformer.model.decode;

import java.util.Locale;
import java.util.StringJoiner;

/** How the attention of a translation to its source is written as text. Tokens are counted from 0; end tokens are left out. */
public enum AlignmentForm {
  /** Pharaoh's: for every token j of the translation {@code i-j}, where i is the source's token that it attended to most. */
  HARD {
    @Override
    public String of(float[][] attention, int tokens) {
      StringJoiner pairs = new StringJoiner(" ");
      for (int j = 0; j < tokens; j++) {
        int best = mostAttended(attention[j]);
        if (best >= 0) {
          pairs.add(best + "-" + j);
        }
      }
      return pairs.toString();
    }
  },
  /** Marian's: for every token of the translation the weights of all tokens of the source, the end token's last, with commas between. */
  SOFT {
    @Override
    public String of(float[][] attention, int tokens) {
      StringJoiner rows = new StringJoiner(" ");
      for (int j = 0; j < tokens; j++) {
        StringJoiner row = new StringJoiner(",");
        for (float weight : attention[j]) {
          row.add(String.format(Locale.ROOT, "%.4f", weight));
        }
        rows.add(row.toString());
      }
      return rows.toString();
    }
  };

  /**
   * Writes it.
   *
   * @param attention {@link Hypothesis#attention}
   * @param tokens of the translation, without end token
   */
  public abstract String of(float[][] attention, int tokens);

  /** The token of the source, the end token left out, that has the largest weight, of equal ones the first; -1 of an empty source. */
  public static int mostAttended(float[] weights) {
    int best = -1;
    for (int i = 0; i < weights.length - 1; i++) {
      if (best < 0 || weights[i] > weights[best]) {
        best = i;
      }
    }
    return best;
  }
}
