package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    try (OutputStream tokenizer = data.getFileSystem(spark.sparkContext().hadoopConfiguration())
        .create(new Path(data, "tokenizer.json"))) {
      tokenizer.write("{}".getBytes(StandardCharsets.UTF_8));
    }
    ShardSet train = part(spark, data, DataPart.TRAIN, trainingPairs, 1);
    ShardSet validation = part(spark, data, DataPart.VALIDATION, validationPairs, 2);
    new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.SENTENCE_PAIRS, null, 1, VOCABULARY, "0".repeat(64), train, validation)
        .write(spark.sparkContext().hadoopConfiguration(), data);
  }

  private static ShardSet part(SparkSession spark, Path data, DataPart part, int pairs, long seed) throws IOException {
    Random random = new Random(seed);
    List<Row> rows = IntStream.range(0, pairs).mapToObj(i -> {
      Integer[] source = random.ints(1 + random.nextInt(9), 5, VOCABULARY).boxed().toArray(Integer[]::new);
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
