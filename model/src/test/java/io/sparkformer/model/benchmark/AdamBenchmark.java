package io.sparkformer.model.benchmark;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** An update of the parameters of one encoder layer and the embedding; it knows one implementation, in float32. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class AdamBenchmark {
  @Param
  public NetworkSize size;

  @Param("FLOAT32")
  public KernelSet kernelSet;

  @Param("1")
  public int threads;

  private Adam adam;
  private FloatRegion parameters;
  private FloatRegion gradient;
  private ParallelBlocks blocks;

  @Setup
  public void setUp() {
    long length = (long) size.dModel * (size.vocabulary + 4L * size.dModel + 2L * size.ffn);
    blocks = new ParallelBlocks(threads);
    adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, length), blocks);
    parameters = random(length);
    gradient = random(length);
  }

  private static FloatRegion random(long length) {
    INDArray array = Nd4j.rand(DataType.FLOAT, length);
    return FloatRegion.of(array);
  }

  @TearDown
  public void tearDown() {
    blocks.close();
  }

  @Benchmark
  public Object adamUpdate() {
    adam.update(parameters, gradient, 1e-3, 1e-4);
    return parameters;
  }
}
