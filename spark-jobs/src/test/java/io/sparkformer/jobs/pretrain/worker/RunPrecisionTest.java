package io.sparkformer.jobs.pretrain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RunPrecisionTest {
  private static final ComputeSettings AUTO = new ComputeSettings(KernelChoice.AUTO, Precision.AUTO);
  private static final TrainingState BEGINNING = TrainingState.beginning(new BatchPlan(1, 100, 100), "data");

  private final List<String> notes = new CopyOnWriteArrayList<>();

  /** What each of the workers computes in. */
  private List<Precision> precisions(ComputeSettings compute, TrainingState state, Precision... fastest) throws InterruptedException {
    return WorkerThreads.results(WorkerThreads.Link.MEMORY, WirePrecision.FLOAT32, fastest.length, transport -> RunPrecision.of(compute,
        RunPrecision.settle(compute, state, transport, () -> fastest[transport.rank()],
            note -> notes.add(transport.rank() + ": " + note))));
  }

  @Test
  void workersThatAllComputeFasterInBfloat16DoSo() throws Exception {
    assertThat(precisions(AUTO, BEGINNING, Precision.BFLOAT16, Precision.BFLOAT16, Precision.BFLOAT16)).containsOnly(Precision.BFLOAT16);
    assertThat(notes).isEmpty();
  }

  @Test
  void oneWorkerWithoutIsEnoughForFloat32AtAll() throws Exception {
    assertThat(precisions(AUTO, BEGINNING, Precision.BFLOAT16, Precision.FLOAT32, Precision.BFLOAT16)).hasSize(3)
        .containsOnly(Precision.FLOAT32);
    assertThat(notes).hasSize(3)
        .contains("0: precision = auto is float32 for all workers: bfloat16 is not faster at workers [1] of 0 to 2");
  }

  @Test
  void aRunGoesOnInThePrecisionThatItBeganIn() throws Exception {
    for (Precision chosen : List.of(Precision.BFLOAT16, Precision.FLOAT32)) {
      String saved = BEGINNING.withPrecision(chosen).afterValidation(3).toJson().toString();
      assertThat(saved).contains("\"precision\":\"%s\"".formatted(chosen == Precision.BFLOAT16 ? "bfloat16" : "float32"));
      TrainingState state = TrainingState.fromJson(new ObjectMapper().readTree(saved));
      assertThat(precisions(AUTO, state, Precision.FLOAT32, Precision.BFLOAT16)).hasSize(2).containsOnly(chosen);
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void aPrecisionThatIsNamedIsTakenAndNotKept() throws Exception {
    ComputeSettings int8 = new ComputeSettings(KernelChoice.CPU, Precision.INT8);
    assertThat(precisions(int8, BEGINNING.withPrecision(Precision.BFLOAT16), Precision.FLOAT32, Precision.BFLOAT16))
        .containsOnly(Precision.INT8);
    List<Boolean> kept = WorkerThreads.results(WorkerThreads.Link.MEMORY, WirePrecision.FLOAT32, 1, transport ->
        RunPrecision.settle(int8, Processors.ofHost(1), BEGINNING.withPrecision(Precision.BFLOAT16), transport, notes::add)
            .precision() != null);
    assertThat(kept).containsExactly(false);
  }

  @Test
  void aCheckpointOfAnEarlierVersionDecidesNothing() throws Exception {
    String json = BEGINNING.toJson().toString().replace(",\"precision\":null", "");
    assertThat(json).doesNotContain("precision");
    TrainingState state = TrainingState.fromJson(new ObjectMapper().readTree(json));
    assertThat(precisions(AUTO, state, Precision.BFLOAT16, Precision.BFLOAT16)).containsOnly(Precision.BFLOAT16);
  }
}
