package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.NormalizedText;
import io.sparkformer.model.decode.Demands;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What stands behind a tab in the line of a sentence, or in the value of a table's column ({@code translate.given}). */
enum Given {
  /** A text without tabs that the translation begins with. */
  BEGINNING {
    @Override
    Demands demands(String fields, Function<List<String>, List<int[]>> encode) {
      return Demands.prefix(encode.apply(List.of(NormalizedText.of(fields))).get(0));
    }
  },
  /** Texts with tabs between; each stands in the translation somewhere. */
  PHRASES {
    @Override
    Demands demands(String fields, Function<List<String>, List<int[]>> encode) {
      List<String> phrases = Arrays.stream(fields.split("\t")).map(NormalizedText::of).filter(phrase -> !phrase.isEmpty()).toList();
      int[] anchor = encode.apply(List.of(ANCHOR)).get(0);
      List<int[]> within = encode.apply(phrases.stream().map(phrase -> ANCHOR + " " + phrase).toList());
      List<int[]> alone = encode.apply(phrases);
      return Demands.phrases(IntStream.range(0, phrases.size())
          .mapToObj(i -> new Demands.Phrase(behind(anchor, within.get(i)), alone.get(i))).toList());
    }
  },
  /** A translation, which is scored instead of searched. */
  TRANSLATION {
    @Override
    Demands demands(String fields, Function<List<String>, List<int[]>> encode) {
      return Demands.translation(encode.apply(List.of(NormalizedText.of(fields))).get(0));
    }

    @Override
    Demands without(String sentence) {
      throw new InvalidInputException("A sentence has no translation to score behind a tab: \"" + sentence + "\"");
    }
  };

  /** A word before a phrase: so a phrase gets the tokens that it has within a text. */
  private static final String ANCHOR = "a";

  /**
   * What the search must do.
   *
   * @param fields what stands behind the first tab
   * @param encode gives the tokens of texts in the language of translations
   */
  abstract Demands demands(String fields, Function<List<String>, List<int[]>> encode);

  /** What the search must do with a sentence that no tab follows. */
  Demands without(String sentence) {
    return Demands.none();
  }

  private static int[] behind(int[] anchor, int[] tokens) {
    int common = Arrays.mismatch(anchor, tokens);
    return Arrays.copyOfRange(tokens, common < 0 ? anchor.length : common, tokens.length);
  }
}
