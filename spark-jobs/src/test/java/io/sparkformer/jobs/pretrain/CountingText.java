package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.RowFormat;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.Sentinels;
import io.sparkformer.data.tokenizer.SpecialToken;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A prepared folder of text, written by the real writer, whose documents count up from some number by some step. */
final class CountingText {
  static final int VOCABULARY = ReversedPairs.VOCABULARY;
  static final int ROW_TOKENS = 16;
  private static final int SENTINELS = 6;
  private static final int LETTERS = VOCABULARY - SpecialToken.count();

  private CountingText() {}

  static void write(SparkSession spark, Path data, int documents) throws IOException {
    try (OutputStream tokenizer = data.getFileSystem(spark.sparkContext().hadoopConfiguration())
        .create(new Path(data, "tokenizer.json"))) {
      tokenizer.write(Sentinels.added(ReversedPairs.tokenizer(), SENTINELS).getBytes(StandardCharsets.UTF_8));
    }
    RowFormat rows = new RowFormat(ROW_TOKENS, SpecialToken.END.id());
    ShardSet train = part(spark, data, DataPart.TRAIN, rows, documents, 1);
    ShardSet validation = part(spark, data, DataPart.VALIDATION, rows, 30, 2);
    new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.TOKEN_ROWS, rows, 1, VOCABULARY + SENTINELS, "0".repeat(64), train,
        validation)
        .write(spark.sparkContext().hadoopConfiguration(), data);
  }

  private static ShardSet part(SparkSession spark, Path data, DataPart part, RowFormat rows, int documents, long seed)
      throws IOException {
    Random random = new Random(seed);
    List<Row> table = IntStream.range(0, documents).mapToObj(i -> {
      int first = random.nextInt(LETTERS);
      int step = 1 + random.nextInt(3);
      return RowFactory.create((long) i, (Object) IntStream.range(0, 1 + random.nextInt(30))
          .mapToObj(t -> SpecialToken.count() + (first + step * t) % LETTERS).toArray(Integer[]::new));
    }).toList();
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType)
        .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType));
    return new ShardWriter(data, part, seed, ShardLayout.ofRows(rows, 1000))
        .write(spark.createDataFrame(table, schema), new CleaningReport(documents, documents, Map.of()));
  }
}
