package io.sparkformer.jobs.prepare;

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
 * Turns text into token ids, and drops pairs of too many tokens.
 */
final class Encoding {

  /** Column of the result, besides those of {@link ShardWriter}: whitespace-separated words of all columns together. */
  static final String WORDS = "words";

  private final Broadcast<String> tokenizerJson;
  private final TextKind kind;
  private final int maxTokens;

  /**
   * @param tokenizerJson text of a {@code tokenizer.json}
   * @param maxTokens most tokens in a column
   */
  Encoding(Broadcast<String> tokenizerJson, TextKind kind, int maxTokens) {
    this.kind = kind;
    this.tokenizerJson = tokenizerJson;
    this.maxTokens = maxTokens;
  }

  /**
   * @param text table of cleaned text
   * @return table of what has at most {@code maxTokens} in each column, for {@link ShardWriter}
   */
  Dataset<Row> encode(Dataset<Row> text) {
    Broadcast<String> json = tokenizerJson;
    int limit = maxTokens;
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType, false);
    for (String column : kind.examples().columns()) {
      schema = schema.add(column, DataTypes.createArrayType(DataTypes.IntegerType, false), false);
    }
    return text.sparkSession().createDataFrame(
      text.select(ShardWriter.LINE, kind.columns().toArray(String[]::new)).toJavaRDD()
        .mapPartitions(rows -> rows.hasNext() ? new EncodedRows(rows, json.value(), limit) : Collections.emptyIterator()),
      schema.add(WORDS, DataTypes.LongType, false));
  }

  /** Encodes some rows at a time, which is quicker than one by one; the tokenizer lives as long as the task. */
  private static final class EncodedRows implements Iterator<Row> {

    private static final int ROWS_AT_ONCE = 512;
    private static final int CHARACTERS_AT_ONCE = 1 << 22;

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
      long characters = 0;
      while (some.size() < ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE && rows.hasNext()) {
        Row row = rows.next();
        some.add(row);
        for (int column = 1; column < row.size(); column++) {
          texts.add(row.getString(column));
          characters += row.getString(column).length();
        }
      }
      Iterator<int[]> ids = tokenizer.encode(texts).iterator();
      Iterator<String> text = texts.iterator();
      List<Row> fitting = new ArrayList<>(some.size());
      for (Row row : some) {
        Object[] result = new Object[row.size() + 1];
        result[0] = row.getLong(0);
        long words = 0;
        int longest = 0;
        for (int column = 1; column < row.size(); column++) {
          int[] encodedColumn = ids.next();
          longest = Math.max(longest, encodedColumn.length);
          words += words(text.next());
          result[column] = IntStream.of(encodedColumn).boxed().toArray(Integer[]::new);
        }
        result[row.size()] = words;
        if (longest <= maxTokens) {
          fitting.add(RowFactory.create(result));
        }
      }
      return fitting;
    }

    private static long words(String text) {
      long words = 0;
      boolean inWord = false;
      for (int i = 0; i < text.length(); i++) {
        boolean space = Character.isWhitespace(text.charAt(i));
        words += !space && !inWord ? 1 : 0;
        inWord = !space;
      }
      return words;
    }
  }
}
