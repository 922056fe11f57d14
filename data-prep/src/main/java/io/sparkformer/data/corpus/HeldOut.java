package io.sparkformer.data.corpus;

import static io.sparkformer.data.corpus.ParallelText.LINE;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;

import io.sparkformer.data.SplitMix64;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * Takes validation pairs or documents out of training text: those whose hash of (seed, line number) is smallest, so that the choice does
 * not depend on partitions.
 *
 * @param heldOut for validation
 * @param remaining all others
 * @param count how many were taken
 */
public record HeldOut(Dataset<Row> heldOut, Dataset<Row> remaining, long count) {

  /** A key that keeps these random numbers apart from those of the shards' order. */
  private static final long PURPOSE = 0x48454C44;

  /**
   * @param text a table with the column {@link ParallelText#LINE}
   * @param rows how many rows the table has
   * @param fraction of the pairs to take, 0 to 0.5; if it is above 0, at least one is taken when there are two
   * @param most how many to take at most
   * @throws IllegalArgumentException if fraction or most is out of range
   */
  public static HeldOut take(Dataset<Row> text, long rows, double fraction, int most, long seed) {
    if (!(fraction >= 0 && fraction <= 0.5) || most < 0) {
      throw new IllegalArgumentException("Invalid held-out part: fraction=" + fraction + " (must be 0 to 0.5), most=" + most
        + " (must be >= 0)");
    }
    long wanted = fraction == 0 ? 0 : Math.max(1, Math.round(fraction * rows));
    int taken = (int) Math.min(Math.min(wanted, most), Math.max(0, rows - 1));
    if (taken == 0) {
      return new HeldOut(text.filter(lit(false)), text, 0);
    }
    UDF1<Long, Long> hash = line -> SplitMix64.hash(seed, PURPOSE, line);
    Column key = udf(hash, DataTypes.LongType).apply(col(LINE));
    Row last = text.select(key.as("key"), col(LINE)).sort("key", LINE).limit(taken)
      .agg(max(struct(col("key"), col(LINE)))).first().getStruct(0);
    Column isHeldOut = key.lt(last.getLong(0)).or(key.equalTo(last.getLong(0)).and(col(LINE).leq(last.getLong(1))));
    return new HeldOut(text.filter(isHeldOut), text.filter(not(isHeldOut)), taken);
  }
}
