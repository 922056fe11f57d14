package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.Readers;
import io.sparkformer.data.shard.SentencePair;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.evaluate.Bleu;
import io.sparkformer.jobs.evaluate.BleuStatistics;
import io.sparkformer.jobs.pretrain.objective.Place;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective;
import io.sparkformer.jobs.pretrain.report.TranslationSample;
import io.sparkformer.jobs.tensorboard.TensorHistogram;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.memory.FloatRegion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * One worker's share of a pass over the validation data; the shares of all workers add up to the whole. The workers read the data once,
 * together, and each keeps its share for all passes.
 */
public final class Validation {
  /** Room for a translation longer than its source. */
  private static final DecodingOptions GREEDY = DecodingOptions.greedy(2.0, 10);
  private static final int WINDOW = 1 << 14;
  private static final int HISTOGRAM_BUFFER = 1 << 14;

  private final Configuration hadoop;
  private final Path data;
  private final ControlTokens control;
  private final TrainingObjective objective;
  private final int batchTokens;
  private final Readers readers;
  /** Batches number rank, rank + workers, ...; likewise of the first sentences. */
  private final List<Share> batches = new ArrayList<>();
  private final List<SentencePair> translated = new ArrayList<>();

  /** A batch, and its place in the pass. */
  private record Share(List<Example> examples, Place place) {
    Batch pack(TrainingObjective objective) {
      return objective.batch(examples, place);
    }
  }

  /**
   * Reads the data; all workers do so at the same step.
   *
   * @param objective what is measured
   * @param control what begins and ends a translation
   * @param tokens of a batch: as of a micro-batch of training, so that it needs no more memory; raised to the longest example
   * @param bleuSentences how many of the first sentences are translated
   * @param readers the workers
   */
  Validation(Configuration hadoop, Path data, TrainingObjective objective, ControlTokens control, int tokens, int bleuSentences,
      Readers readers) {
    this.hadoop = hadoop;
    this.data = data;
    this.control = control;
    this.objective = objective;
    this.batchTokens = Math.max(tokens, ShardManifest.read(hadoop, data).part(DataPart.VALIDATION).longest(objective.examples()));
    this.readers = readers;
    readBatches();
    if (bleuSentences > 0) {
      readTranslated(bleuSentences);
    }
  }

  private void readBatches() {
    // What is masked is the same at every validation.
    Place place = Place.first(0);
    try (BatchSequence pass = pass(WINDOW)) {
      for (long i = 0; pass.hasNext(); i++) {
        List<Example> batch = pass.next().examples();
        if (i % readers.count() == readers.rank()) {
          batches.add(new Share(batch, place));
        }
        place = objective.after(place, batch);
      }
    }
  }

  private void readTranslated(int sentences) {
    // A window of as many pairs as are wanted: the first window is the first pairs.
    try (BatchSequence pass = pass(sentences)) {
      int place = 0;
      while (pass.hasNext() && pass.position().window() == 0) {
        for (SentencePair pair : pass.next().examples(SentencePair.class)) {
          if (place++ % readers.count() == readers.rank()) {
            translated.add(pair);
          }
        }
      }
    }
  }

  private BatchSequence pass(int window) {
    return BatchSequence.onePass(hadoop, data, DataPart.VALIDATION, new BatchPlan(0, batchTokens, window), readers);
  }

  /** The summed losses of this worker's batches. */
  Loss loss(TransformerModel model) {
    Loss loss = Loss.ZERO;
    for (Share batch : batches) {
      loss = loss.plus(model.loss(batch.pack(objective)).only());
    }
    return loss;
  }

  /** This worker's share of the first sentences, translated greedily; references are the decoded targets. */
  List<TranslationSample> translate(TransformerModel model, Tokenizer tokenizer) {
    List<TranslationSample> samples = new ArrayList<>();
    List<int[]> sources = translated.stream().map(SentencePair::source).toList();
    try (Session decoder = new Session(model, control)) {
      BeamSearch search = new BeamSearch(decoder, GREEDY, control);
      List<String> translations = new TranslationBatches(batchTokens, 1).translate(sources, batch -> search.translate(batch).stream()
          .map(best -> tokenizer.decode(best.get(0).tokens())).toList());
      for (int i = 0; i < translated.size(); i++) {
        samples.add(new TranslationSample(tokenizer.decode(translated.get(i).source()), translations.get(i),
            tokenizer.decode(translated.get(i).target())));
      }
    }
    return samples;
  }

  /** BLEU statistics of translations. */
  static BleuStatistics bleu(List<TranslationSample> samples) {
    BleuStatistics statistics = BleuStatistics.NONE;
    for (TranslationSample sample : samples) {
      statistics = statistics.plus(Bleu.STANDARD.statistics(sample.translation(), sample.reference()));
    }
    return statistics;
  }

  /** How the values of each parameter are distributed. */
  static Map<String, TensorHistogram> weights(TransformerModel model) {
    return histograms(model.namedParameters(), FloatRegion.of(model.parameters()));
  }

  /**
   * How the elements of the gradient are distributed, for each parameter: of this worker's first validation batch, summed over its target
   * tokens, with the dropout of a step. The model's gradient is overwritten.
   */
  Map<String, TensorHistogram> gradients(TransformerModel model, long step) {
    model.clearGradients();
    if (!batches.isEmpty()) {
      model.accumulateGradient(batches.get(0).pack(objective), step);
    }
    return histograms(model.trainedParameters(), FloatRegion.of(model.gradients()));
  }

  private static Map<String, TensorHistogram> histograms(List<NamedParameter> parameters, FloatRegion values) {
    Map<String, TensorHistogram> histograms = new LinkedHashMap<>();
    float[] buffer = new float[HISTOGRAM_BUFFER];
    for (NamedParameter parameter : parameters) {
      TensorHistogram histogram = new TensorHistogram();
      for (long done = 0; done < parameter.length(); done += buffer.length) {
        int count = (int) Math.min(buffer.length, parameter.length() - done);
        values.read(parameter.offset() + done, buffer, count);
        histogram.add(buffer, count);
      }
      histograms.put(parameter.name(), histogram);
    }
    return histograms;
  }
}
