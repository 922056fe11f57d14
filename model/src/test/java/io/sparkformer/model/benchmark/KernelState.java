package io.sparkformer.model.benchmark;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One kernel with its weights and inputs; results lie in the kernels' memory, as in a graph, so that none is allocated. */
@State(Scope.Benchmark)
public abstract class KernelState {
  static final Pass TRAINING = Pass.training(3);
  static final Dropout DROPOUT = new Dropout(0.1, 1, 1);

  @Param
  public NetworkSize size;

  @Param
  public KernelSet kernelSet;

  /** {@link KernelBenchmarks} puts the number of processors here. */
  @Param("1")
  public int threads;

  Kernels kernels;
  Memory memory;
  private final Random random = new Random(5);

  @Setup
  public final void setUp() {
    Nd4j.getEnvironment().setMaxThreads(threads);
    kernels = kernelSet.kernels(threads);
    memory = kernels.memory();
    prepare();
  }

  abstract void prepare();

  /** The lengths of sentences vary by half of their mean. */
  final Segments segments() {
    return Segments.ofLengths(0, IntStream.range(0, size.sentences).map(i -> NetworkSize.TIME / 2 + i * NetworkSize.TIME / size.sentences)
        .toArray());
  }

  final int tokens() {
    return segments().tokens();
  }

  final INDArray array(long... shape) {
    return Nd4j.rand(DataType.FLOAT, shape).subi(0.5);
  }

  final INDArray ids(int count) {
    return Nd4j.createFromArray(random.ints(count, 0, size.vocabulary).toArray());
  }

  final Weight weight(long... shape) {
    return new Weight(array(shape).muli(0.1), Nd4j.zeros(DataType.FLOAT, shape));
  }

  /** Gives back the memory that a call took. */
  final Object inMemory(Supplier<Object> call) {
    long mark = memory.mark();
    Object result = call.get();
    memory.release(mark);
    return result;
  }

  /** A forward and a backward pass after an update, so that what kernels derive from weights is made once. */
  final Object training(Supplier<Object> call) {
    kernels.parametersChanged();
    return inMemory(call);
  }
}
