package io.sparkformer.jobs.text;

import java.util.Objects;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;

/** Spreads numbered things over tasks so that part i holds the i-th stretch of numbers, in order. */
public final class OrderedParts {

  private OrderedParts() { }

  /** The same pairs in {@code plan.parts()} partitions; numbers must be 0 to {@code plan.total() - 1}. */
  public static <T> JavaPairRDD<Long, T> of(JavaPairRDD<Long, T> numbered, PartPlan plan) {
    return numbered.repartitionAndSortWithinPartitions(new Stretches(plan));
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
}
