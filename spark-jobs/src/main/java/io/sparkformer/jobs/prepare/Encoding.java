package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Turns pairs of text into pairs of token ids, and drops those of too many tokens.
 */
final class Encoding {

  /** Column of the result, besides those of {@link ShardWriter}: whitespace-separated words of both sides together. */
  static final String WORDS = "words";

  private static final StructType SCHEMA = new StructType()
    .add(ShardWriter.LINE, DataTypes.LongType, false)
    .add(ShardWriter.SOURCE, DataTypes.createArrayType(DataTypes.IntegerType, false), false)
    .add(ShardWriter.TARGET, DataTypes.createArrayType(DataTypes.IntegerType, false), false)
    .add(WORDS, DataTypes.LongType, false);

  private final Broadcast<String> tokenizerJson;
  private final int maxTokens;

  /**
   * @param tokenizerJson text of a {@code tokenizer.json}
   * @param maxTokens most tokens on either side
   */
  Encoding(Broadcast<String> tokenizerJson, int maxTokens) {
    this.tokenizerJson = tokenizerJson;
    this.maxTokens = maxTokens;
  }

  /**
   * @param pairs table as of {@link ParallelText}
   * @return table of the pairs of at most {@code maxTokens} on each side
   */
  Dataset<Row> encode(Dataset<Row> pairs) {
    Broadcast<String> json = tokenizerJson;
    int limit = maxTokens;
    return pairs.sparkSession().createDataFrame(
      pairs.select(ParallelText.LINE, ParallelText.SOURCE, ParallelText.TARGET).toJavaRDD()
        .mapPartitions(rows -> rows.hasNext() ? new EncodedRows(rows, json.value(), limit) : Collections.emptyIterator()),
      SCHEMA);
  }

  /** Encodes some rows at a time, which is quicker than one by one; the tokenizer lives as long as the task. */
  private static final class EncodedRows implements Iterator<Row> {

    private static final int ROWS_AT_ONCE = 512;

    private final Iterator<Row> rows;
    private final Tokenizer tokenizer;
    private final int maxTokens;
    private Iterator<Row> encoded = Collections.emptyIterator();

    EncodedRows(Iterator<Row> rows, String tokenizerJson, int maxTokens) {
      this.rows = rows;
      this.maxTokens = maxTokens;
      this.tokenizer = Tokenizer.parse(tokenizerJson, "of this job");
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> tokenizer.close());
    }

    @Override
    public boolean hasNext() {
      while (!encoded.hasNext() && rows.hasNext()) {
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
      List<Row> some = new ArrayList<>();
      List<String> texts = new ArrayList<>();
      while (some.size() < ROWS_AT_ONCE && rows.hasNext()) {
        Row row = rows.next();
        some.add(row);
        texts.add(row.getString(1));
        texts.add(row.getString(2));
      }
      List<int[]> ids = tokenizer.encode(texts);
      List<Row> fitting = new ArrayList<>(some.size());
      for (int i = 0; i < some.size(); i++) {
        int[] source = ids.get(2 * i);
        int[] target = ids.get(2 * i + 1);
        if (Math.max(source.length, target.length) <= maxTokens) {
          long words = words(texts.get(2 * i)) + words(texts.get(2 * i + 1));
          fitting.add(RowFactory.create(some.get(i).getLong(0), boxed(source), boxed(target), words));
        }
      }
      return fitting;
    }

    private static long words(String normalizedText) {
      return 1 + normalizedText.chars().filter(character -> character == ' ').count();
    }

    private static Integer[] boxed(int[] ids) {
      return IntStream.of(ids).boxed().toArray(Integer[]::new);
    }
  }
}
