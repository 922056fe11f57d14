package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.cuda.array.DeviceStack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory of a graph's passes. Gradients between vertices outlive the marks of the vertices, and so lie on a stack of their own, which
 * is emptied when this one is.
 *
 * @param stack of everything else
 */
record PassMemory(DeviceStack stack, DeviceStack gradients) implements Memory {
  @Override
  public INDArray array(DataType type, long... shape) {
    return stack.array(type, shape);
  }

  @Override
  public long mark() {
    return stack.mark();
  }

  @Override
  public void release(long mark) {
    stack.release(mark);
    if (mark == 0) {
      gradients.release(0);
    }
  }

  @Override
  public long used() {
    return stack.used();
  }

  @Override
  public long peak() {
    return stack.peak();
  }

  @Override
  public void resetPeak() {
    stack.resetPeak();
  }
}
