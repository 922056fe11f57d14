package io.sparkformer.data.tokenizer;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * The Spark job that counts words: each task counts within bounded memory, Spark adds up, and the driver collects unique words.
 *
 * <p>The driver's memory is bounded too: of a corpus with more unique words than {@code maxUniqueWords}, the rarest are left out, all
 * those of one count together, so that the result does not depend on partitions or their order. What is left out is logged.
 */
public final class WordCounter {

  private static final Logger LOG = LoggerFactory.getLogger(WordCounter.class);
  private static final String WORD = "word";
  private static final String COUNT = "count";
  /** Most unique words in a task's memory, about 50 MB; more are passed on to Spark. */
  private static final int WORDS_PER_TASK = 400_000;

  private final SubwordAlgorithm algorithm;
  private final int maxUniqueWords;

  /**
   * @param algorithm that the words are for
   * @param maxUniqueWords the most words that the driver collects, at least 1
   */
  public WordCounter(SubwordAlgorithm algorithm, int maxUniqueWords) {
    if (maxUniqueWords < 1) {
      throw new IllegalArgumentException("maxUniqueWords must be at least 1: " + maxUniqueWords);
    }
    this.algorithm = algorithm;
    this.maxUniqueWords = maxUniqueWords;
  }

  /**
   * Counts the words of all lines, of whatever language.
   *
   * @param lines text; read once
   */
  public WordCounts count(Dataset<String> lines) {
    SubwordAlgorithm shipped = algorithm;
    Dataset<Row> counts = lines
      .mapPartitions((Iterator<String> some) -> new PartitionWords(some, shipped), Encoders.tuple(Encoders.STRING(), Encoders.LONG()))
      .toDF(WORD, COUNT)
      // A partition for each core: Spark's default of 200 costs more than the counting of a small corpus.
      .repartition(lines.sparkSession().sparkContext().defaultParallelism(), functions.col(WORD))
      .groupBy(WORD).agg(functions.sum(COUNT).as(COUNT))
      .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long unique = counts.count();
      Dataset<Row> kept = unique <= maxUniqueWords ? counts : counts.filter(column().geq(smallestCountKept(counts, unique)));
      WordCounts.Builder builder = new WordCounts.Builder();
      for (Iterator<Row> rows = kept.toLocalIterator(); rows.hasNext();) {
        Row row = rows.next();
        builder.add(row.getString(0), row.getLong(1));
      }
      return builder.build();
    } finally {
      counts.unpersist();
    }
  }

  /** The smallest count at which no more than {@code maxUniqueWords} words are left. */
  private long smallestCountKept(Dataset<Row> counts, long unique) {
    long left = unique;
    Iterator<Row> histogram = counts.groupBy(column().as("occurrences")).count().orderBy("occurrences").toLocalIterator();
    while (histogram.hasNext()) {
      Row bin = histogram.next();
      left -= bin.getLong(1);
      if (left <= maxUniqueWords) {
        LOG.warn("{} of {} unique words occur no more than {} times and are left out of the vocabulary's training: "
          + "the driver holds {} at most (prepare.tokenizer.max-unique-words)", unique - left, unique, bin.getLong(0), maxUniqueWords);
        return bin.getLong(0) + 1;
      }
    }
    return Long.MAX_VALUE;
  }

  private static Column column() {
    return functions.col(COUNT);
  }

  /** Words of one partition with partial counts; a word may come more than once when there are very many. */
  private static final class PartitionWords implements Iterator<Tuple2<String, Long>> {
    private final Iterator<String> lines;
    private final SubwordAlgorithm algorithm;
    private final Queue<Iterator<Map.Entry<String, long[]>>> full = new ArrayDeque<>(1);

    PartitionWords(Iterator<String> lines, SubwordAlgorithm algorithm) {
      this.lines = lines;
      this.algorithm = algorithm;
    }

    @Override
    public boolean hasNext() {
      while (full.isEmpty() || !full.peek().hasNext()) {
        full.clear();
        if (!lines.hasNext()) {
          return false;
        }
        full.add(countSome().entrySet().iterator());
      }
      return true;
    }

    @Override
    public Tuple2<String, Long> next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      Map.Entry<String, long[]> entry = full.peek().next();
      return new Tuple2<>(entry.getKey(), entry.getValue()[0]);
    }

    private Map<String, long[]> countSome() {
      Map<String, long[]> counts = new HashMap<>();
      while (lines.hasNext() && counts.size() < WORDS_PER_TASK) {
        algorithm.split(lines.next(), word -> counts.computeIfAbsent(word, absent -> new long[1])[0]++);
      }
      return counts;
    }
  }
}
