package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.transport.InProcessTransport;
import io.sparkformer.jobs.transport.Transport;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction1;

/** One task of the barrier stage: finds its colleagues, then trains. The only class that knows of barriers. */
final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<TrainingState>> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Longest wait of a worker for another: a pass over the validation data or a checkpoint may take long. */
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private final TrainingPlan plan;
  private final SerializableConfiguration hadoop;

  WorkerTask(TrainingPlan plan, SerializableConfiguration hadoop) {
    this.plan = plan;
    this.hadoop = hadoop;
  }

  static ClassTag<TrainingState> resultTag() {
    return ClassTag.apply(TrainingState.class);
  }

  @Override
  public Iterator<TrainingState> apply(Iterator<Integer> ignored) {
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    requireOneProcess(context);
    boolean again = context.stageAttemptNumber() > 0;
    try (Transport transport = InProcessTransport.join(plan.runId(), context.stageAttemptNumber(), rank, plan.workers(), DEADLINE)) {
      TrainingState end = WorkerStart.run(hadoop.value(), again ? plan.restarted() : plan, transport);
      return CollectionConverters.asScala(List.of(end).iterator());
    }
  }

  /** Gradients are handed over within one process; says so before anybody waits for a peer that cannot come. */
  private static void requireOneProcess(BarrierTaskContext context) {
    String[] processes = context.allGather(ManagementFactory.getRuntimeMXBean().getName());
    long different = Arrays.stream(processes).distinct().count();
    if (different > 1) {
      throw new IllegalStateException(("The workers are in %d processes, and gradients travel within one only; use --master local[N], "
          + "or one executor with all cores, or train.workers=1").formatted(different));
    }
  }
}
