package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A stack of arrays outside of ND4J's workspaces; giving an array back closes it, which frees its memory at once. A mark is the number of
 * arrays on the stack. Arrays that live only within one call of a kernel are ordinary arrays of ND4J, lie in a workspace of the thread
 * ({@link #scratch}), and are not counted here.
 */
final class Nd4jMemory implements Memory {
  private static final String SCRATCH = "SPARKFORMER_PORTABLE";
  private static final String PART = "SPARKFORMER_PORTABLE_PART";
  private static final WorkspaceConfiguration SCRATCH_CONFIGURATION = WorkspaceConfiguration.builder()
      .initialSize(0)
      .overallocationLimit(0.1)
      .policyAllocation(AllocationPolicy.OVERALLOCATE)
      .policyLearning(LearningPolicy.FIRST_LOOP)
      .policyReset(ResetPolicy.BLOCK_LEFT)
      .policySpill(SpillPolicy.REALLOCATE)
      .build();

  private final List<INDArray> taken = new ArrayList<>();
  private long used;
  private long peak;

  @Override
  public INDArray array(DataType type, long... shape) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray array = Nd4j.createUninitialized(type, shape, 'c');
      taken.add(array);
      used += bytes(array);
      peak = Math.max(peak, used);
      return array;
    }
  }

  /** Opens the scope of one call: ordinary arrays made in it are gone when it is closed. Scopes may stand in each other. */
  MemoryWorkspace scratch() {
    return Nd4j.getWorkspaceManager().getAndActivateWorkspace(SCRATCH_CONFIGURATION, SCRATCH);
  }

  /** Opens the scope of one part of a call, within that of the call. */
  MemoryWorkspace part() {
    return Nd4j.getWorkspaceManager().getAndActivateWorkspace(SCRATCH_CONFIGURATION, PART);
  }

  /** The result of a forward pass; its backward pass has a scope of its own. */
  Forward result(Pass pass, INDArray output, Backward backward) {
    return pass.isTraining() ? new Forward(output, scoped(backward)) : Forward.inference(output);
  }

  private Backward scoped(Backward backward) {
    return (outputGradient, space) -> {
      try (MemoryWorkspace scratch = scratch()) {
        return backward.run(outputGradient, space);
      }
    };
  }

  /** An array that the backward pass reads: of this stack in training, an ordinary one in inference. */
  INDArray kept(Pass pass, DataType type, long... shape) {
    return pass.isTraining() ? array(type, shape) : Nd4jOps.temporary(type, shape);
  }

  @Override
  public long mark() {
    return taken.size();
  }

  @Override
  public void release(long mark) {
    if (mark < 0 || mark > taken.size()) {
      throw new IllegalArgumentException("Mark %d is not below the height %d of the stack".formatted(mark, taken.size()));
    }
    while (taken.size() > mark) {
      INDArray array = taken.remove(taken.size() - 1);
      used -= bytes(array);
      array.close();
    }
  }

  @Override
  public long used() {
    return used;
  }

  @Override
  public long peak() {
    return peak;
  }

  @Override
  public void resetPeak() {
    peak = used;
  }

  private static long bytes(INDArray array) {
    return array.length() * array.dataType().width();
  }
}
