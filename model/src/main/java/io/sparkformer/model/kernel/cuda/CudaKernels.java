package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.array.SliceArrays;
import io.sparkformer.model.kernel.cuda.driver.CudaException;
import io.sparkformer.model.kernel.cuda.driver.Device;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.DeviceSlice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The kernels of one graph on an NVIDIA device, in float32 with products by {@link CudaSettings#products}. Arrays of the host are copied to
 * the device and back in each call; those of {@link #memory}, {@link #activations} and {@link #gradients} stay there.
 */
public final class CudaKernels implements Kernels {
  private final CudaEngine engine;
  private final PassMemory memory;

  public CudaKernels(CudaSettings settings) {
    this.engine = new CudaEngine(settings);
    this.memory = new PassMemory(engine.memory(), engine.gradients());
  }

  /**
   * The kernels of a device.
   *
   * @param device its number, see {@link Device#open}
   * @throws CudaException when it cannot be used
   */
  public static CudaKernels on(int device, Precision precision) {
    Device opened = Device.open(device);
    return new CudaKernels(CudaSettings.of(opened, products(opened, precision), cache()));
  }

  /** Of a device: what {@link Precision#AUTO} stands for there. */
  public static Precision fastestPrecision(int device) {
    return Device.open(device).hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  private static CudaSettings.ProductType products(Device device, Precision precision) {
    return switch (precision) {
      case FLOAT32 -> CudaSettings.ProductType.FLOAT32;
      case TF32 -> CudaSettings.ProductType.TF32;
      case BFLOAT16 -> CudaSettings.ProductType.BFLOAT16;
      case AUTO -> device.hasBfloat16() ? CudaSettings.ProductType.BFLOAT16 : CudaSettings.ProductType.FLOAT32;
      case INT8 -> throw new CudaException("precision = int8 is for CPUs; set precision = auto, bfloat16, tf32 or float32");
    };
  }

  /** Beside the native libraries that JavaCPP unpacks: where this process can write, and what it loads is its own. */
  private static Path cache() {
    try {
      return Loader.getCacheDir().toPath().resolve("sparkformer-cuda");
    } catch (IOException e) {
      throw new CudaException("There is no folder for compiled kernels: " + e.getMessage(), e);
    }
  }

  /** That these kernels compute on. */
  public Device device() {
    return engine.device();
  }

  /** What products read. */
  public CudaSettings.ProductType products() {
    return engine.settings().products();
  }

  /** The most bytes of the device that these kernels used at one time. */
  public long peakBytes() {
    return engine.heap().peakBytes();
  }

  /** When it is given back whole, a pass is over, and its gradients are given back too. */
  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public Space activations(Space workspace) {
    return memory;
  }

  @Override
  public Space gradients(Space workspace) {
    return engine.gradients();
  }

  @Override
  public void bind(INDArray parameters, INDArray gradient) {
    engine.weights().bind(parameters, gradient);
  }

  @Override
  public void deliver(INDArray range) {
    engine.transfers().deliver(range);
  }

  @Override
  public void deliver(INDArray gradient, Runnable then) {
    engine.transfers().begin(gradient, then);
  }

  @Override
  public void awaitDeliveries() {
    engine.transfers().finish();
  }

  @Override
  public void clear(INDArray gradient) {
    engine.weights().clear(gradient);
  }

  @Override
  public Optional<DeviceSlice> slice(FlatRange slice, FloatRegion firstMoment, FloatRegion secondMoment) {
    return Optional.of(new CudaSlice(engine, new SliceArrays(engine.weights(), engine.heap(), engine.queue(), slice, firstMoment,
        secondMoment)));
  }

  @Override
  public EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    return new CudaEmbedding(engine, weights, config, maxLength, dropout);
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    return new CudaAttention(engine, weights, config, dropout);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    return new CudaFeedForward(engine, weights, config, dropout);
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return new CudaDropout(engine, dropout).withResidual();
  }

  @Override
  public ResidualKernel residualNorm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new CudaNorm(engine, weights, config, dropout).ofSum();
  }

  @Override
  public NormKernel norm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new CudaNorm(engine, weights, config, dropout).alone();
  }

  @Override
  public DenseKernel dense(Weight weight, Weight bias, Activation activation) {
    return new CudaDense(engine, new CudaLinear(engine, weight, bias), activation);
  }

  @Override
  public DropoutKernel dropout(Dropout dropout) {
    return new CudaDropout(engine, dropout).alone();
  }

  @Override
  public PoolingKernel pooling(PoolingKernel.Kind kind) {
    return new CudaPooling(engine, kind);
  }

  @Override
  public OutputKernel output(OutputWeights weights, double scale, LossTerms terms) {
    return new CudaOutput(engine, new CudaLinear(engine, weights.table(), weights.bias()), scale, terms);
  }

  /** Copies on the device lie as parameters and gradients do on the host, which must lie alike. */
  @Override
  public boolean canFreeze() {
    return false;
  }

  @Override
  public ScoreKernel scores(OutputWeights weights) {
    return new CudaScores(engine, new CudaLinear(engine, weights.table(), weights.bias()));
  }

  @Override
  public void add(INDArray to, INDArray from) {
    if (to instanceof DeviceArray array) {
      engine.add(array, from);
    } else if (to.length() != from.length()) {
      throw new IllegalArgumentException("Arrays of %d and %d elements cannot be added".formatted(to.length(), from.length()));
    } else {
      engine.addOnHost(to, from);
    }
  }

  @Override
  public void copy(INDArray to, INDArray from) {
    if (to instanceof DeviceArray || from instanceof DeviceArray) {
      engine.copy(to, from);
    } else {
      to.assign(from);
    }
  }

  @Override
  public void parametersChanged() {
    engine.weights().changed();
  }

  @Override
  public Kernels sharing() {
    return new CudaKernels(engine.settings());
  }

  @Override
  public String description() {
    return "CUDA kernels on %s, products in %s".formatted(engine.device(), engine.settings().products());
  }

  @Override
  public void close() {
    engine.close();
  }
}
