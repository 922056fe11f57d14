package io.sparkformer.jobs.finetune;

import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.data.tokenizer.InputEncoder.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Turns texts into token ids, with the special tokens that a pretrained network reads around them.
 *
 * @param tokenizer that all executors can read
 * @param longest most tokens of a text or pair
 * @param readsTypes whether the network reads types of tokens
 */
record TextEncoding(Path tokenizer, int longest, boolean readsTypes, LabelReading labels) {
  /** Column of the result, besides those of {@link ShardWriter}: whether a text has lost its end. */
  static final String CUT = "cut";

  private static final int ROWS_AT_ONCE = 512;

  /** A table for {@link ShardWriter}. */
  Dataset<Row> encode(SparkSession session, JavaRDD<LabelledTable.Labelled> rows) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<SerializableConfiguration> hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType, false);
    for (String column : ExampleKind.LABELLED_TEXTS.columns()) {
      schema = schema.add(column, DataTypes.createArrayType(DataTypes.IntegerType, false), false);
    }
    String file = tokenizer.toString();
    int most = longest;
    boolean types = readsTypes;
    LabelReading reading = labels;
    return session.createDataFrame(rows.mapPartitions(part -> part.hasNext()
        ? new EncodedRows(part, hadoop.value().value(), new Path(file), most, types, reading) : Collections.emptyIterator()),
        schema.add(CUT, DataTypes.BooleanType, false));
  }

  /** Encodes some rows at a time; the tokenizer lives as long as the task. */
  private static final class EncodedRows implements Iterator<Row> {
    private final Iterator<LabelledTable.Labelled> rows;
    private final InputEncoder encoder;
    private final int longest;
    private final boolean readsTypes;
    private final LabelReading labels;
    private Iterator<Row> encoded = Collections.emptyIterator();

    EncodedRows(Iterator<LabelledTable.Labelled> rows, Configuration hadoop, Path tokenizer, int longest, boolean readsTypes,
        LabelReading labels) {
      this.rows = rows;
      this.longest = longest;
      this.readsTypes = readsTypes;
      this.labels = labels;
      this.encoder = InputEncoder.load(hadoop, tokenizer);
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> encoder.close());
    }

    @Override
    public boolean hasNext() {
      if (!encoded.hasNext() && rows.hasNext()) {
        encoded = encodeSome().iterator();
      }
      return encoded.hasNext();
    }

    @Override
    public Row next() {
      hasNext();
      return encoded.next();
    }

    private List<Row> encodeSome() {
      List<LabelledTable.Labelled> some = new ArrayList<>();
      while (some.size() < ROWS_AT_ONCE && rows.hasNext()) {
        some.add(rows.next());
      }
      List<Encoded> texts = encoder.encodeTexts(some.stream().map(row -> Arrays.asList(row.texts())).toList(), longest);
      List<Row> result = new ArrayList<>();
      for (int i = 0; i < some.size(); i++) {
        Encoded text = texts.get(i);
        int label = labels.number(some.get(i).label()).orElseThrow();
        result.add(RowFactory.create(some.get(i).number(), boxed(text.ids()), boxed(readsTypes ? text.types() : new int[0]),
            new Integer[] {label}, text.cutOff() > 0));
      }
      return result;
    }

    private static Integer[] boxed(int[] values) {
      return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }
  }
}
