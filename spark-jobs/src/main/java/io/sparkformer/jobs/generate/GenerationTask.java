package io.sparkformer.jobs.generate;

import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.sentence.Sentence;
import io.sparkformer.jobs.sentence.SentenceResult;
import io.sparkformer.jobs.sentence.SentenceTask;
import io.sparkformer.jobs.table.AddedColumn;
import java.util.List;

/**
 * Continues prompts; sent to the executors.
 *
 * @param counters counts of the run
 */
record GenerationTask(PromptedModel model, GenerationOptions options, GenerationCounters counters)
    implements SentenceTask<Continuations> {

  private static final long serialVersionUID = 1L;

  @Override
  public List<Continuations> run(List<Sentence> prompts) {
    try (TextGenerator generator = new TextGenerator(SharedModel.of(model.location()), model, options)) {
      List<Continuations> continuations = generator.generate(prompts);
      counters.add(continuations);
      return continuations;
    }
  }

  @Override
  public List<String> lines(SentenceResult<Continuations> result) {
    return ContinuationLines.of(result.number(), result.value().texts(), options.samples());
  }

  @Override
  public List<AddedColumn.Value> values(Continuations continuations) {
    return List.of(options.samples() == 1 ? new AddedColumn.Text(continuations.texts().get(0))
        : new AddedColumn.Texts(continuations.texts()));
  }
}
