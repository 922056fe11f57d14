package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.PairBatch;
import io.sparkformer.data.shard.SentencePair;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.evaluate.Bleu;
import io.sparkformer.jobs.evaluate.BleuStatistics;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** One worker's share of a pass over the validation data; the shares of all workers add up to the whole. */
final class Validation {
  /** Room for a translation longer than its source. */
  private static final DecodingOptions GREEDY = DecodingOptions.greedy(2.0, 10);

  private final Configuration hadoop;
  private final Path data;
  private final int batchTokens;
  private final int bleuSentences;
  private final int rank;
  private final int workers;

  /** @param tokens of a batch, so that it needs no more memory than a micro-batch of training; more where the longest sentence has more */
  Validation(Configuration hadoop, Path data, int tokens, int bleuSentences, int rank, int workers) {
    this.hadoop = hadoop;
    this.data = data;
    ShardSet shards = ShardManifest.read(hadoop, data).part(DataPart.VALIDATION);
    this.batchTokens = Math.max(tokens, Math.max(shards.longestSource(), shards.longestTarget()) + 1);
    this.bleuSentences = bleuSentences;
    this.rank = rank;
    this.workers = workers;
  }

  /** The summed losses of this worker's batches. */
  Loss loss(TransformerModel model) {
    Loss loss = Loss.ZERO;
    try (BatchSequence batches = BatchSequence.onePass(hadoop, data, DataPart.VALIDATION, new BatchPlan(0, batchTokens, 1 << 14))) {
      for (long i = 0; batches.hasNext(); i++) {
        PairBatch batch = batches.next();
        if (i % workers == rank) {
          loss = loss.plus(model.loss(GradientStep.pack(batch.pairs(), 0, 0)).only());
        }
      }
    }
    return loss;
  }

  /** BLEU statistics of this worker's share of the first sentences, translated greedily; references are the decoded targets. */
  BleuStatistics bleu(TransformerModel model, Tokenizer tokenizer) {
    List<SentencePair> pairs = new ArrayList<>();
    // A window of as many pairs as are wanted: the first window is the first pairs.
    try (BatchSequence batches = BatchSequence.onePass(hadoop, data, DataPart.VALIDATION, new BatchPlan(0, batchTokens, bleuSentences))) {
      int place = 0;
      while (batches.hasNext() && batches.position().window() == 0) {
        for (SentencePair pair : batches.next().pairs()) {
          if (place++ % workers == rank) {
            pairs.add(pair);
          }
        }
      }
    }
    BleuStatistics statistics = BleuStatistics.NONE;
    List<int[]> sources = pairs.stream().map(SentencePair::source).toList();
    try (Session decoder = new Session(model, ControlTokens.STANDARD)) {
      BeamSearch search = new BeamSearch(decoder, GREEDY);
      List<String> translations = new TranslationBatches(batchTokens, 1).translate(sources, batch -> search.translate(batch).stream()
          .map(best -> tokenizer.decode(best.get(0).tokens())).toList());
      for (int i = 0; i < pairs.size(); i++) {
        statistics = statistics.plus(Bleu.STANDARD.statistics(translations.get(i), tokenizer.decode(pairs.get(i).target())));
      }
    }
    return statistics;
  }
}
