package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A stack of arrays outside of ND4J's workspaces; giving an array back closes it, which frees its memory at once. A mark is the number of
 * arrays on the stack. Arrays that live only within one call of a kernel are ordinary arrays of ND4J and not counted here.
 */
final class Nd4jMemory implements Memory {
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
