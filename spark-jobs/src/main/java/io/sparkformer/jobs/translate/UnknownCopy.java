package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.AlignmentForm;
import io.sparkformer.model.decode.Hypothesis;
import java.util.Arrays;

/** Puts what a sentence says into the places of its translation where the model knows no token: that which the place attends to most. */
final class UnknownCopy {
  /** How vocabularies write a space: SentencePiece and byte-level BPE. */
  private static final String SPACES = "[\u2581\u0120]";

  private UnknownCopy() {}

  /**
   * The text of a translation.
   *
   * @param pieces what the tokens of the sentence stand for
   */
  static String text(TranslationModel model, Hypothesis translation, String[] pieces) {
    int[] tokens = translation.tokens();
    StringBuilder text = new StringBuilder(known(model, tokens, tokens.length));
    // From the end on: so the places before stay where they are.
    for (int j = tokens.length - 1; j >= 0; j--) {
      int source = tokens[j] == model.unknown() ? AlignmentForm.mostAttended(translation.attention()[j]) : -1;
      if (source >= 0) {
        String before = known(model, tokens, j);
        text.insert(Math.min(before.length(), text.length()), pieces[source].replaceAll(SPACES, " "));
      }
    }
    return text.toString().strip();
  }

  /** What the first tokens say without the unknown ones. */
  private static String known(TranslationModel model, int[] tokens, int count) {
    return model.decode(Arrays.stream(tokens, 0, count).filter(token -> token != model.unknown()).toArray());
  }
}
