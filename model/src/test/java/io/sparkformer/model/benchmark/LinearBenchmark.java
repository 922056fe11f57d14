package io.sparkformer.model.benchmark;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.product.LinearLayers;
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
import org.openjdk.jmh.annotations.Warmup;

/** The inner layer of a feed-forward layer by itself; PORTABLE is ND4J's product. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LinearBenchmark {
  @Benchmark
  public Object linearInference(Layer state) {
    return state.forward(Pass.INFERENCE);
  }

  @Benchmark
  public Object linearTraining(Layer state) {
    state.parametersChanged();
    state.forward(KernelState.TRAINING);
    return state.backward();
  }

  /** {@code [tokens, d_model]} to {@code [tokens, ffn]}. */
  public static class Layer extends KernelState {
    private Weight weight;
    private Weight bias;
    private LinearLayers layer;
    private INDArray x;
    private INDArray y;
    private INDArray dx;

    @Override
    void prepare() {
      weight = weight(size.ffn, size.dModel);
      bias = weight(size.ffn);
      x = array(tokens(), size.dModel);
      y = array(tokens(), size.ffn);
      dx = Nd4j.zeros(DataType.FLOAT, tokens(), size.dModel);
      if (kernelSet != KernelSet.PORTABLE) {
        layer = new LinearLayers(threads, Precision.valueOf(kernelSet.name()), weight, bias);
      }
    }

    void parametersChanged() {
      if (layer != null) {
        layer.parametersChanged();
      }
    }

    Object forward(Pass pass) {
      if (layer != null) {
        layer.forward(x, y, pass);
        return y;
      }
      Nd4j.matmul(x, weight.value(), y, false, true, false);
      return y.addiRowVector(bias.value());
    }

    Object backward() {
      if (layer != null) {
        layer.backward(y, dx);
        return dx;
      }
      Nd4j.matmul(y, weight.value(), dx, false, false, false);
      return weight.gradient().addi(Nd4j.matmul(y, x, true, false, false));
    }
  }
}
