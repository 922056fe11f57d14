package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.sentence.Sentence;
import io.sparkformer.jobs.sentence.SentenceResult;
import io.sparkformer.jobs.sentence.SentenceTask;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.AddedColumn.ScoredText;
import io.sparkformer.model.decode.DecodingOptions;
import java.util.List;

/**
 * Translates sentences; sent to the executors.
 *
 * @param source where the model comes from
 * @param options how to search
 * @param form what is read and told
 * @param batchTokens source tokens times beam decoded together
 * @param counters counts of the run
 */
record TranslationTask(TranslationModelSource source, DecodingOptions options, TranslationForm form, int batchTokens,
    TranslationCounters counters) implements SentenceTask<Translation> {

  private static final long serialVersionUID = 1L;

  int nBest() {
    return options.nBest();
  }

  /** What a table's new column holds. */
  AddedColumn.Kind kind() {
    return nBest() == 1 && form.given() != Given.TRANSLATION ? AddedColumn.Kind.TEXT : AddedColumn.Kind.SCORED_TEXTS;
  }

  @Override
  public List<Translation> run(List<Sentence> sentences) {
    try (SentenceTranslator translator = new SentenceTranslator(source.load(), options, form, batchTokens)) {
      List<Translation> translations = translator.translate(sentences.stream().map(Sentence::text).toList());
      counters.add(translations);
      return translations;
    }
  }

  @Override
  public List<String> lines(SentenceResult<Translation> result) {
    return TranslationLines.of(nBest(), form).of(result.number(), result.value());
  }

  @Override
  public List<AddedColumn.Value> values(Translation translation) {
    if (kind() == AddedColumn.Kind.TEXT) {
      return List.of(new AddedColumn.Text(translation.text()));
    }
    return List.of(new AddedColumn.ScoredTexts(
        translation.candidates().stream().map(candidate -> new ScoredText(candidate.text(), candidate.score())).toList()));
  }
}
