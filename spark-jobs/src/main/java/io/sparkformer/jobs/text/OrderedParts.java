package io.sparkformer.jobs.text;

import java.util.Arrays;
import java.util.Objects;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;

/** Distributes numbered things over tasks so that part i holds the i-th range of numbers, in order. */
public final class OrderedParts {

  private OrderedParts() { }

  /** The same pairs in {@code plan.parts()} partitions; numbers must be 0 to {@code plan.total() - 1}. */
  public static <T> JavaPairRDD<Long, T> of(JavaPairRDD<Long, T> numbered, PartPlan plan) {
    return numbered.repartitionAndSortWithinPartitions(new Stretches(plan));
  }

  /**
   * The same pairs in as many partitions as there are starts.
   *
   * @param starts the first number of each partition, ascending from 0; of equal ones, all but the last get no pairs
   */
  public static <T> JavaPairRDD<Long, T> of(JavaPairRDD<Long, T> numbered, long[] starts) {
    return numbered.repartitionAndSortWithinPartitions(new Starts(starts.clone()));
  }

  private static final class Stretches extends Partitioner {

    private static final long serialVersionUID = 1L;

    private final PartPlan plan;

    Stretches(PartPlan plan) {
      this.plan = plan;
    }

    @Override
    public int numPartitions() {
      return plan.parts();
    }

    @Override
    public int getPartition(Object number) {
      return plan.partOf((Long) number);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Stretches that && plan.equals(that.plan);
    }

    @Override
    public int hashCode() {
      return Objects.hash(plan);
    }
  }

  private static final class Starts extends Partitioner {

    private static final long serialVersionUID = 1L;

    private final long[] starts;

    Starts(long[] starts) {
      this.starts = starts;
    }

    @Override
    public int numPartitions() {
      return starts.length;
    }

    /** The last start that is not above the number. */
    @Override
    public int getPartition(Object number) {
      int low = 0;
      int high = starts.length;
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (starts[middle] <= (Long) number) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return low;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Starts that && Arrays.equals(starts, that.starts);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(starts);
    }
  }
}
