package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.SpecialToken;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A prepared folder, written by the real writer, whose targets are the sources reversed. */
final class ReversedPairs {
  static final int VOCABULARY = 24;

  private ReversedPairs() {}

  static void write(SparkSession spark, Path data, int trainingPairs) throws IOException {
    write(spark, data, trainingPairs, 40);
  }

  static void write(SparkSession spark, Path data, int trainingPairs, int validationPairs) throws IOException {
    write(spark, data, trainingPairs, validationPairs, VOCABULARY, tokenizer());
  }

  /** With the tokenizer of somebody else, all of whose tokens from 5 to before the last one are words. */
  static void write(SparkSession spark, Path data, int trainingPairs, int validationPairs, int vocabulary, String json)
      throws IOException {
    try (OutputStream tokenizer = data.getFileSystem(spark.sparkContext().hadoopConfiguration())
        .create(new Path(data, "tokenizer.json"))) {
      tokenizer.write(json.getBytes(StandardCharsets.UTF_8));
    }
    ShardSet train = part(spark, data, DataPart.TRAIN, trainingPairs, 1, vocabulary);
    ShardSet validation = part(spark, data, DataPart.VALIDATION, validationPairs, 2, vocabulary);
    new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.SENTENCE_PAIRS, null, 1, vocabulary, "0".repeat(64), train, validation)
        .write(spark.sparkContext().hadoopConfiguration(), data);
  }

  /** The five special tokens of this project, and words. */
  static String tokenizer() {
    List<String> special = SpecialToken.texts();
    String entries = IntStream.range(0, VOCABULARY).mapToObj(id -> "\"%s\": %d".formatted(id < 5 ? special.get(id) : "w" + id, id))
        .collect(Collectors.joining(", "));
    String added = special.stream().map(text -> ("{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false, "
        + "\"rstrip\": false, \"normalized\": false, \"special\": true}").formatted(special.indexOf(text), text))
        .collect(Collectors.joining(", "));
    return ("{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [%s], \"normalizer\": null, "
        + "\"pre_tokenizer\": {\"type\": \"WhitespaceSplit\"}, \"post_processor\": null, \"decoder\": null, \"model\": {\"type\": "
        + "\"WordLevel\", \"unk_token\": \"<unk>\", \"vocab\": {%s}}}").formatted(added, entries);
  }

  private static ShardSet part(SparkSession spark, Path data, DataPart part, int pairs, long seed, int vocabulary)
      throws IOException {
    Random random = new Random(seed);
    List<Row> rows = IntStream.range(0, pairs).mapToObj(i -> {
      Integer[] source = random.ints(1 + random.nextInt(9), 5, vocabulary == VOCABULARY ? vocabulary : vocabulary - 1).boxed()
          .toArray(Integer[]::new);
      Integer[] target = IntStream.range(0, source.length).mapToObj(j -> source[source.length - 1 - j]).toArray(Integer[]::new);
      return RowFactory.create((long) i, source, target);
    }).toList();
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType)
        .add("source", DataTypes.createArrayType(DataTypes.IntegerType))
        .add("target", DataTypes.createArrayType(DataTypes.IntegerType));
    Dataset<Row> table = spark.createDataFrame(rows, schema);
    return new ShardWriter(data, part, seed, ShardLayout.ofPairs(100)).write(table, new CleaningReport(pairs, pairs, Map.of()));
  }
}
