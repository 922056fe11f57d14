package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.corpus.CleaningRule;
import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * Encodes one part and writes its shards; beside those of the validation part, its text.
 */
final class PartStage {

  private final DataPart part;
  private final Encoding encoding;
  private final ShardWriter writer;
  private final StageClock clock;

  /** What was written, and the words of its text, both sides. */
  record Written(ShardSet shards, long words) {
  }

  PartStage(DataPart part, Encoding encoding, ShardWriter writer, StageClock clock) {
    this.part = part;
    this.encoding = encoding;
    this.writer = writer;
    this.clock = clock;
  }

  /**
   * @param text table as of {@link ParallelText}
   * @param cleaning the report of cleaning; pairs kept are those of the table
   * @throws InvalidInputException if there was text, and no pair of it is short enough
   */
  Written write(Dataset<Row> text, CleaningReport cleaning, Path folder) throws IOException {
    String stage = part.text() + " shards";
    clock.begin(stage, "encoding and writing");
    Dataset<Row> encoded = encoding.encode(text).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row totals = encoded.agg(functions.count(functions.lit(1)), functions.sum(Encoding.WORDS)).first();
      long pairs = totals.getLong(0);
      CleaningReport report = cleaning.thenDropped(CleaningRule.TOO_MANY_TOKENS.text(), cleaning.kept() - pairs);
      if (pairs == 0 && cleaning.kept() > 0) {
        throw new InvalidInputException("No " + part.text() + " pair is left: all " + cleaning.kept()
          + " have too many tokens on a side; raise prepare.max-tokens or the vocabulary");
      }
      ShardSet shards = writer.write(encoded, report);
      if (part == DataPart.VALIDATION && pairs > 0) {
        Dataset<Row> written = pairs == cleaning.kept() ? text : text.join(encoded.select(ShardWriter.LINE), ParallelText.LINE);
        HeldOutText.write(folder, written);
      }
      clock.end(stage, "%,d pairs in %,d", shards.pairs(), shards.shards().size());
      return new Written(shards, pairs == 0 ? 0 : totals.getLong(1));
    } finally {
      encoded.unpersist();
    }
  }
}
