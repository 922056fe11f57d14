package io.sparkformer.jobs.embed;

import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.sentence.Sentence;
import io.sparkformer.jobs.sentence.SentenceResult;
import io.sparkformer.jobs.sentence.SentenceTask;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.JsonText;
import java.util.List;

/**
 * Embeds sentences; sent to the executors.
 *
 * @param batchTokens tokens that the network reads at a time
 * @param counters counts of the run
 */
record EmbeddingTask(ModelLocation model, EmbeddingForm form, int batchTokens, EmbeddingCounters counters)
    implements SentenceTask<Embedding> {

  private static final long serialVersionUID = 1L;

  @Override
  public List<Embedding> run(List<Sentence> sentences) {
    List<Embedding> embeddings = new TextEmbedder(SharedModel.of(model), form, batchTokens)
        .embed(sentences.stream().map(Sentence::text).toList());
    counters.add(embeddings);
    return embeddings;
  }

  @Override
  public List<String> lines(SentenceResult<Embedding> result) {
    return List.of("{\"text\":" + JsonText.string(result.sentence()) + ",\"embedding\":" + JsonText.numbers(result.value().values()) + "}");
  }

  @Override
  public List<AddedColumn.Value> values(Embedding embedding) {
    return embedding.values() == null ? null : List.of(new AddedColumn.Floats(embedding.values()));
  }
}
