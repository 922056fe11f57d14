package io.sparkformer.jobs.predict;

import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.sentence.Sentence;
import io.sparkformer.jobs.sentence.SentenceResult;
import io.sparkformer.jobs.sentence.SentenceTask;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.JsonText;
import java.util.List;

/**
 * Labels texts; sent to the executors.
 *
 * @param names of the classes, by their numbers; empty for values
 * @param longest most tokens of a text or pair
 * @param batchTokens tokens that the network reads at a time
 * @param probabilities what the column of probabilities holds: FLOATS, or TEXT where the table's format has no arrays
 * @param counters counts of the run
 */
record PredictionTask(ModelLocation model, List<String> names, int longest, int batchTokens, AddedColumn.Kind probabilities,
    PredictionCounters counters) implements SentenceTask<LabelScores> {

  private static final long serialVersionUID = 1L;

  @Override
  public List<LabelScores> run(List<Sentence> texts) {
    List<LabelScores> scores = new TextClassifier(SharedModel.of(model), longest, batchTokens)
        .classify(texts.stream().map(Sentence::texts).toList());
    counters.add(scores);
    return scores;
  }

  @Override
  public List<String> lines(SentenceResult<LabelScores> result) {
    LabelScores scores = result.value();
    String prediction = JsonText.of(scores.isNone() ? null : prediction(scores));
    String line = "{\"text\":" + JsonText.string(result.sentence()) + ",\"prediction\":" + prediction;
    return List.of(names.isEmpty() ? line + "}"
        : line + ",\"probabilities\":" + JsonText.numbers(scores.isNone() ? null : scores.probabilities()) + "}");
  }

  private AddedColumn.Value prediction(LabelScores scores) {
    return names.isEmpty() ? new AddedColumn.Number(scores.value()) : new AddedColumn.Text(names.get(scores.label()));
  }

  @Override
  public List<AddedColumn.Value> values(LabelScores scores) {
    if (scores.isNone()) {
      return null;
    }
    return names.isEmpty() ? List.of(prediction(scores))
        : List.of(prediction(scores), probabilities == AddedColumn.Kind.TEXT
            ? new AddedColumn.Text(JsonText.numbers(scores.probabilities())) : new AddedColumn.Floats(scores.probabilities()));
  }
}
