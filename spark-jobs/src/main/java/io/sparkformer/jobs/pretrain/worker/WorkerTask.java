package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.jobs.pretrain.plan.TrainingEnd;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.report.Report;
import io.sparkformer.jobs.pretrain.report.ReportPlugin;
import io.sparkformer.jobs.pretrain.report.WorkerFailure;
import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.SocketSettings;
import io.sparkformer.jobs.transport.Stall;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WorkerTransport;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction1;

/** One task of the barrier stage: joins the other workers, then trains. The only class that uses barriers. */
public final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<TrainingEnd>> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TrainingPlan plan;
  private final SerializableConfiguration hadoop;

  public WorkerTask(TrainingPlan plan, SerializableConfiguration hadoop) {
    this.plan = plan;
    this.hadoop = hadoop;
  }

  public static ClassTag<TrainingEnd> resultTag() {
    return ClassTag.apply(TrainingEnd.class);
  }

  @Override
  public Iterator<TrainingEnd> apply(Iterator<Integer> ignored) {
    BarrierTaskContext context = BarrierTaskContext.get();
    TrainingPlan attempt = plan.attempt(context.stageAttemptNumber());
    Membership worker = new Membership(plan.runId(), attempt.attempt(), context.partitionId(), plan.workers(),
        plan.settings().parameterServer().deadline(), plan.settings().parameterServer().wirePrecision());
    try (Transport transport = join(worker, context, attempt)) {
      TrainingEnd end = WorkerStart.run(hadoop.value(), attempt, transport, place());
      return CollectionConverters.asScala(List.of(end).iterator());
    }
  }

  private static Transport join(Membership worker, BarrierTaskContext context, TrainingPlan attempt) {
    try {
      return WorkerTransport.join(worker, context::allGather, () -> SocketSettings.of(SparkEnv.get(), attempt.threads()),
          stall -> ReportPlugin.warn(attempt.attemptId(), waiting(stall)));
    } catch (RuntimeException | Error e) {
      ReportPlugin.fail(attempt.attemptId(), WorkerFailure.of(worker.rank(), e));
      throw e;
    }
  }

  private static Report.Waiting waiting(Stall stall) {
    return new Report.Waiting(stall.step(), stall.toString(), stall.peer(), stall.waited().toMillis() / 1e3);
  }

  private static String place() {
    BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
    return here.isDriver() ? "this process" : "executor " + here.executorId() + " on " + here.host();
  }
}
