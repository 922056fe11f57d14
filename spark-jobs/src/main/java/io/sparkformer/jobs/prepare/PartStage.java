package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.corpus.CleaningRule;
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

  private final TextKind kind;
  private final Encoding encoding;
  private final StageClock clock;

  /** What was written, and the words of its text. */
  record Written(ShardSet shards, long words) {
  }

  PartStage(TextKind kind, Encoding encoding, StageClock clock) {
    this.kind = kind;
    this.encoding = encoding;
    this.clock = clock;
  }

  /**
   * @param text table of cleaned text
   * @param cleaning the report of cleaning; what was kept is what the table holds
   * @throws InvalidInputException if there was text, and all of it has too many tokens
   */
  Written write(Dataset<Row> text, CleaningReport cleaning, ShardWriter writer, Path folder) throws IOException {
    String stage = writer.part().text() + " shards";
    clock.begin(stage, "encoding and writing");
    Dataset<Row> encoded = encoding.encode(text).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row totals = encoded.agg(functions.count(functions.lit(1)), functions.sum(Encoding.WORDS)).first();
      long kept = totals.getLong(0);
      CleaningReport report = kind == TextKind.PAIRS
        ? cleaning.thenDropped(CleaningRule.TOO_MANY_TOKENS.text(), cleaning.kept() - kept) : cleaning;
      if (kept == 0 && cleaning.kept() > 0) {
        throw new InvalidInputException("No " + writer.part().text() + " pair is left: all " + cleaning.kept()
          + " have too many tokens on a side; raise prepare.max-tokens or the vocabulary");
      }
      ShardSet shards = writer.write(encoded, report);
      if (writer.part() == DataPart.VALIDATION && kept > 0) {
        Dataset<Row> written = kept == cleaning.kept() ? text : text.join(encoded.select(ShardWriter.LINE), ShardWriter.LINE);
        HeldOutText.write(folder, written, kind);
      }
      clock.end(stage, "%,d %s in %,d", shards.examples(), kind.examples().text(), shards.shards().size());
      return new Written(shards, kept == 0 ? 0 : totals.getLong(1));
    } finally {
      encoded.unpersist();
    }
  }
}
