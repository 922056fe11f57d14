package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.array.Host;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One call of a kernel: its arrays on the device. Arrays of the host may be given and asked for: they are copied there and back, which
 * makes the call wait; arrays of the device are used where they are. To be asked for in this order: results, what a backward pass will
 * read ({@link #read}, {@link #keep}), scratch. Closing gives back what is not kept.
 */
final class Call implements AutoCloseable {
  private final CudaEngine engine;
  /** Whether a backward pass will read what is kept. */
  private final boolean keeps;
  private final List<Result> ofHost = new ArrayList<>();
  /** Height of the stack before what is given back at the end; -1 as long as there is none. */
  private long mark = -1;

  /**
   * @param array what the caller gets
   * @param device where kernels write it
   */
  record Result(INDArray array, DeviceArray device) {
    long address() {
      return device.address();
    }

    DeviceMatrix matrix() {
      return Call.matrix(device);
    }
  }

  private Call(CudaEngine engine, boolean keeps) {
    this.engine = engine;
    this.keeps = keeps;
  }

  /** A forward pass. */
  static Call of(CudaEngine engine, Pass pass) {
    return new Call(engine, pass.isTraining());
  }

  /** A backward pass, or another call that keeps nothing. */
  static Call of(CudaEngine engine) {
    return new Call(engine, false);
  }

  Result result(Space space, long... shape) {
    INDArray array = space.array(DataType.FLOAT, shape);
    if (array instanceof DeviceArray device) {
      return new Result(array, device);
    }
    Result result = new Result(array, DeviceArray.of(engine.heap().take(Float.BYTES * array.length()), engine::add, shape));
    ofHost.add(result);
    return result;
  }

  /** An input. */
  DeviceArray read(INDArray array) {
    if (array instanceof DeviceArray device) {
      return device;
    }
    INDArray host = Host.contiguous(array);
    DeviceArray copy = keep(host.shape());
    engine.queue().upload(Host.pointer(host), copy.address(), copy.bytes());
    return copy;
  }

  /** The address of an input that this call alone reads. */
  long scratchOf(INDArray array) {
    if (array instanceof DeviceArray device) {
      return device.address();
    }
    begin();
    INDArray host = Host.contiguous(array);
    long address = scratchBytes(Float.BYTES * host.length());
    engine.queue().upload(Host.pointer(host), address, Float.BYTES * host.length());
    return address;
  }

  /** An array that the backward pass reads. */
  DeviceArray keep(long... shape) {
    if (!keeps) {
      return scratch(shape);
    }
    if (mark >= 0) {
      throw new IllegalStateException("What is kept must be taken before scratch");
    }
    return engine.memory().array(DataType.FLOAT, shape);
  }

  DeviceArray scratch(long... shape) {
    begin();
    return engine.memory().array(DataType.FLOAT, shape);
  }

  /** Bytes, by their address. */
  long scratchBytes(long bytes) {
    begin();
    return engine.memory().take(bytes);
  }

  private void begin() {
    if (mark < 0) {
      mark = engine.memory().mark();
    }
  }

  /** A copy of integers, by its address; a launch that reads it must come at once. */
  long upload(int[] values) {
    return engine.numbers().address(values);
  }

  /** As products read it: rounded, if they read bfloat16. */
  DeviceMatrix factor(DeviceMatrix matrix) {
    if (engine.factors() == DeviceMatrix.Type.FLOAT32) {
      return matrix;
    }
    if (matrix.stride() != matrix.columns()) {
      throw new IllegalArgumentException("Only contiguous matrices are rounded, not " + matrix);
    }
    long count = matrix.rows() * matrix.columns();
    long rounded = scratchBytes(Short.BYTES * count);
    round(engine, matrix.address(), rounded, count);
    return new DeviceMatrix(rounded, DeviceMatrix.Type.BFLOAT16, matrix.rows(), matrix.columns(), matrix.columns());
  }

  static void round(CudaEngine engine, long from, long to, long count) {
    engine.forEach(engine.kernel("elementwise", "round_to_bfloat16"), count, to, from, count);
  }

  /** Of an array of two dimensions. */
  static DeviceMatrix matrix(DeviceArray array) {
    return DeviceMatrix.of(array.address(), array.size(0), array.size(1));
  }

  @Override
  public void close() {
    for (Result result : ofHost) {
      engine.queue().download(result.address(), Host.pointer(result.array()), result.device().bytes());
      engine.heap().give(result.address());
    }
    if (mark >= 0) {
      engine.memory().release(mark);
    }
  }
}
