package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartPlan;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.objective.SequenceToSequence;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/** Loss and perplexity of a model on a part of a prepared folder, computed where the tasks are, beside the unigram model's. */
public final class ModelEvaluation {
  private final ModelLocation model;
  private final int batchTokens;

  /** @param batchTokens tokens of the longer side that are scored together */
  public ModelEvaluation(ModelLocation model, int batchTokens) {
    this.model = model;
    this.batchTokens = batchTokens;
  }

  /** Sums over the pairs of a task. */
  private record Sums(long pairs, double smoothed, double negativeLogLikelihood, long tokens) implements Serializable {

    Sums plus(Sums that) {
      return new Sums(pairs + that.pairs, smoothed + that.smoothed, negativeLogLikelihood + that.negativeLogLikelihood,
          tokens + that.tokens);
    }
  }

  /**
   * Evaluates on Spark.
   *
   * @param data a folder written by prepare with the tokenizer that the model was trained with
   * @throws InvalidInputException the folder is missing, damaged, empty, or not for this model
   * @throws IOException the model's tokenizer cannot be read
   */
  public ModelScores of(SparkSession spark, Path data, DataPart part) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    ShardManifest manifest = ShardManifest.read(hadoop, data);
    check(model.config().network(), data, manifest, part);
    checkTokenizer(hadoop, data, manifest);
    Dataset<Row> pairs = PreparedPairs.read(spark, data, manifest, part).select(PreparedPairs.SOURCE, PreparedPairs.TARGET);
    JavaPairRDD<Long, Row> numbered = pairs.javaRDD().zipWithIndex().mapToPair(Tuple2::swap);
    PartPlan plan = PartPlan.of(manifest.part(part).examples(), spark.sparkContext().defaultParallelism());
    ModelLocation location = model;
    ControlTokens control = model.generation().control();
    int budget = batchTokens;
    spark.sparkContext().setJobDescription("evaluate: loss of the model on the %s part of %s".formatted(part.text(), data));
    Sums sums = OrderedParts.of(numbered, plan)
        .mapPartitions(rows -> List.of(score(location, control, rows, budget)).iterator())
        .collect().stream().reduce(new Sums(0, 0, 0, 0), Sums::plus);
    spark.sparkContext().setJobDescription("evaluate: counting the target tokens of " + data);
    UnigramModel unigram = new UnigramModel(TargetTokenCounts.of(spark, data, DataPart.TRAIN, control.end()));
    return new ModelScores(part.text(), sums.pairs, sums.tokens, sums.smoothed / sums.tokens,
        sums.negativeLogLikelihood / sums.tokens, unigram.crossEntropy(TargetTokenCounts.of(spark, data, part, control.end())));
  }

  private static void check(NetworkConfig config, Path data, ShardManifest manifest, DataPart part) {
    if (config.vocabulary() < manifest.vocabularySize()) {
      throw new InvalidInputException("the data in " + data + " has a vocabulary of " + manifest.vocabularySize()
          + " tokens, the model one of " + config.vocabulary() + "; evaluate it on data prepared with its own tokenizer");
    }
    int longest = manifest.part(part).longest(manifest.kind());
    if (longest > config.maxLength()) {
      throw new InvalidInputException("the longest sentence in the " + part.text() + " part of " + data + " has " + longest
          + " tokens with its end, the model accepts " + config.maxLength() + "; prepare the data with a smaller max-tokens");
    }
  }

  /** Two vocabularies of one size may number their tokens differently. */
  private void checkTokenizer(Configuration hadoop, Path data, ShardManifest manifest) throws IOException {
    String own = Sha256.ofFile(hadoop, model.tokenizer());
    if (!own.equals(manifest.tokenizerSha256())) {
      throw new InvalidInputException(("The data was not prepared with the model's tokenizer: SHA-256 of %s is %s, of %s it is %s; "
          + "evaluate the model on data that was prepared with prepare.tokenizer.path=%s").formatted(new Path(data, TokenizerFile.NAME),
              manifest.tokenizerSha256(), model.tokenizer(), own, model.tokenizer()));
    }
  }

  /** Runs in a task. */
  private static Sums score(ModelLocation location, ControlTokens control, Iterator<Tuple2<Long, Row>> rows, int batchTokens) {
    SharedModel shared = SharedModel.of(location);
    SequenceToSequence objective = new SequenceToSequence(control.begin(), control.end());
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    List<int[]> longer = new ArrayList<>();
    rows.forEachRemaining(numbered -> {
      int[] source = tokens(numbered._2, 0);
      int[] target = tokens(numbered._2, 1);
      sources.add(source);
      targets.add(target);
      longer.add(source.length > target.length ? source : target);
    });
    TransformerModel network = shared.borrow();
    try {
      Loss sum = Loss.ZERO;
      for (int[] places : new TranslationBatches(batchTokens, 1).pack(longer)) {
        sum = sum.plus(network.loss(objective.batch(chosen(sources, places), chosen(targets, places), 0, 0)).only());
      }
      return new Sums(sources.size(), sum.smoothed(), sum.negativeLogLikelihood(), sum.tokens());
    } finally {
      shared.giveBack(network);
    }
  }

  private static int[] tokens(Row row, int column) {
    return row.<Integer>getList(column).stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<int[]> chosen(List<int[]> sentences, int[] places) {
    List<int[]> chosen = new ArrayList<>(places.length);
    for (int place : places) {
      chosen.add(sentences.get(place));
    }
    return chosen;
  }
}
