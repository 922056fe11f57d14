package io.sparkformer.jobs.translate;

import java.util.List;
import java.util.Locale;

/** How translations are written as text; the package documentation specifies both forms. */
enum TranslationLines {

  /** The best translation alone. */
  BEST {
    @Override
    List<String> of(long number, Translation translation) {
      return List.of(translation.text() + alignment(translation.candidates().get(0)));
    }
  },
  /** All of them with line number and score. */
  N_BEST {
    @Override
    List<String> of(long number, Translation translation) {
      return translation.candidates().stream()
          .map(candidate -> String.format(Locale.ROOT, "%d\t%.6f\t%s", number + 1, candidate.score(), candidate.text())
              + alignment(candidate))
          .toList();
    }
  };

  /** @param form of what is told: scores are, of given translations */
  static TranslationLines of(int nBest, TranslationForm form) {
    return nBest == 1 && form.given() != Given.TRANSLATION ? BEST : N_BEST;
  }

  private static String alignment(Translation.Candidate candidate) {
    return candidate.alignment() == null ? "" : "\t" + candidate.alignment();
  }

  /**
   * The lines of one sentence.
   *
   * @param number of the sentence, from 0
   */
  abstract List<String> of(long number, Translation translation);
}
