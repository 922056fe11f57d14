package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The meaning of {@code precision = auto} in one run. All workers compute in the same precision: bfloat16 where it is the fastest at every
 * one of them, else float32. The choice is kept in checkpoints, so that a run goes on in it wherever it is restarted or resumed; a
 * processor without instructions for bfloat16 then emulates it.
 */
final class RunPrecision {
  private static final long STEP = 0;

  private RunPrecision() {}

  /**
   * Settles the precision with the other workers; all of them call this with the same state.
   *
   * @param processors of this worker
   * @param state the run's: first, or of its checkpoint
   * @param notes gets a line where bfloat16 is faster at some workers only
   * @return the state, with the precision if {@code auto} is set
   */
  static TrainingState settle(ComputeSettings compute, Processors processors, TrainingState state, Transport transport,
      Consumer<String> notes) {
    return settle(compute, state, transport, () -> KernelSelection.fastestPrecision(compute.kernels(), processors), notes);
  }

  static TrainingState settle(ComputeSettings compute, TrainingState state, Transport transport, Supplier<Precision> fastest,
      Consumer<String> notes) {
    if (compute.precision() != Precision.AUTO) {
      return state.withPrecision(null);
    }
    return state.precision() == null ? state.withPrecision(agree(transport, fastest.get(), notes)) : state;
  }

  private static Precision agree(Transport transport, Precision fastest, Consumer<String> notes) {
    List<Precision> votes = transport.exchange(STEP, "fastest precision", fastest.name().getBytes(StandardCharsets.UTF_8)).stream()
        .map(vote -> Precision.valueOf(new String(vote, StandardCharsets.UTF_8))).toList();
    List<Integer> without = IntStream.range(0, votes.size()).filter(rank -> votes.get(rank) != Precision.BFLOAT16).boxed().toList();
    if (without.isEmpty()) {
      return Precision.BFLOAT16;
    }
    if (without.size() < votes.size()) {
      notes.accept("precision = auto is float32 for all workers: bfloat16 is not faster at workers %s of 0 to %d"
          .formatted(without, votes.size() - 1));
    }
    return Precision.FLOAT32;
  }

  /** The precision that the kernels compute in. */
  static Precision of(ComputeSettings compute, TrainingState state) {
    return compute.precision() == Precision.AUTO ? state.precision() : compute.precision();
  }
}
