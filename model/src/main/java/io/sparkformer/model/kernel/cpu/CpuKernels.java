package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Derived;
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
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.attention.CpuAttention;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.product.Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Bfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.EmulatedBfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Float32Arithmetic;
import io.sparkformer.model.kernel.cpu.product.InstructionSet;
import io.sparkformer.model.kernel.cpu.product.Int8Arithmetic;
import io.sparkformer.model.kernel.cpu.product.ProductTimes;
import io.sparkformer.model.kernel.cpu.product.Products;
import io.sparkformer.model.kernel.cpu.product.SharedArithmetic;
import io.sparkformer.model.kernel.cpu.rows.BiasRows;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import io.sparkformer.model.kernel.cpu.rows.Normalization;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The fast kernels for x86-64 processors: products by oneDNN, in float32, bfloat16 or 8-bit integers, everything between them by the
 * Vector API in float32.
 */
public final class CpuKernels implements Kernels {
  /** Elements of one part of a sum. */
  private static final int ADDED_TOGETHER = 1 << 15;

  private final Engine engine;
  private final SharedArithmetic arithmetic;

  /**
   * @param threads how many threads one graph may use, the caller's included
   * @param precision of products
   * @throws LinkageError if oneDNN's native library or the Vector API's module is not there
   */
  public CpuKernels(int threads, Precision precision) {
    this(threads, arithmetic(precision));
  }

  /** {@link #CpuKernels(int, Precision)} with float32 products. */
  public CpuKernels(int threads) {
    this(threads, Precision.FLOAT32);
  }

  CpuKernels(int threads, Arithmetic products) {
    this(new SharedArithmetic(products), threads);
  }

  private CpuKernels(SharedArithmetic arithmetic, int threads) {
    Products.selfTest();
    this.engine = new Engine(threads, arithmetic);
    this.arithmetic = arithmetic;
  }

  public static Arithmetic arithmetic(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> new Float32Arithmetic();
      case TF32 -> throw new IllegalArgumentException("TF32 is for NVIDIA devices");
      case BFLOAT16 -> hasBfloat16Instructions() ? new Bfloat16Arithmetic() : new EmulatedBfloat16Arithmetic();
      case INT8 -> int8();
      case AUTO -> arithmetic(fastestPrecision());
    };
  }

  private static Arithmetic int8() {
    if (!runsInt8()) {
      throw new IllegalStateException("precision = int8 needs AVX-512 VNNI, which the processor, or oneDNN's limit ONEDNN_MAX_CPU_ISA, "
          + "lacks; use precision = auto");
    }
    return new Int8Arithmetic();
  }

  /** bfloat16 where the processor has instructions for it and a measured product is faster with them; float32 elsewhere. */
  public static Precision fastestPrecision() {
    return hasBfloat16Instructions() && ProductTimes.here().bfloat16IsFaster() ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /** Whether oneDNN multiplies bfloat16 numbers with instructions of the processor: AVX512_BF16 or AMX. */
  public static boolean hasBfloat16Instructions() {
    Team.useOneThread();
    return InstructionSet.AVX512_BF16.isUsed() || InstructionSet.AMX_BF16.isUsed();
  }

  /** Why {@link #fastestPrecision} is the faster one, for the log. */
  public static String reasonForPrecision() {
    return hasBfloat16Instructions() ? ProductTimes.here().toString()
        : "the processor, or oneDNN's limit ONEDNN_MAX_CPU_ISA, has no instructions for bfloat16 (AVX512_BF16, AMX)";
  }

  /** Whether this processor has what {@link Precision#INT8} needs. */
  public static boolean runsInt8() {
    Team.useOneThread();
    return InstructionSet.AVX512_VNNI.isUsed();
  }

  @Override
  public Memory memory() {
    return engine.memory();
  }

  @Override
  public EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    return new CpuEmbedding(engine, weights, config, maxLength, dropout);
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    return new CpuAttention(engine, weights, config, dropout);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    return new CpuFeedForward(engine, weights, config, dropout);
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return new CpuResidual(engine, dropout, null);
  }

  @Override
  public ResidualKernel residualNorm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new CpuResidual(engine, dropout, new Normalization(weights, config));
  }

  @Override
  public NormKernel norm(NormWeights weights, NormConfig config, Dropout dropout) {
    return new CpuNorm(engine, weights, config, dropout);
  }

  @Override
  public DenseKernel dense(Weight weight, Weight bias, Activation activation) {
    return new CpuDense(engine, weight, bias, activation);
  }

  @Override
  public DropoutKernel dropout(Dropout dropout) {
    return new CpuDropout(engine, dropout);
  }

  @Override
  public PoolingKernel pooling(PoolingKernel.Kind kind) {
    return new CpuPooling(engine, kind);
  }

  @Override
  public OutputKernel output(OutputWeights weights, double scale, LossTerms terms) {
    return new CpuOutput(engine, weights, scale, terms);
  }

  @Override
  public ScoreKernel scores(OutputWeights weights) {
    return new CpuScores(engine, weights);
  }

  @Override
  public void add(INDArray to, INDArray from) {
    Floats sum = Floats.of(to);
    Floats addend = Floats.of(from);
    if (sum.length() != addend.length()) {
      throw new IllegalArgumentException("Arrays of %d and %d elements cannot be added".formatted(sum.length(), addend.length()));
    }
    RowBlocks parts = RowBlocks.of(sum.length(), ADDED_TOGETHER, ADDED_TOGETHER);
    engine.team().run(parts.count(), part -> {
      int at = parts.start(part);
      BiasRows.add(addend.bytes(), at, sum.bytes(), at, parts.end(part) - at);
    });
  }

  @Override
  public void parametersChanged() {
    engine.arithmetic().parametersChanged();
  }

  @Override
  public Kernels sharing() {
    return new CpuKernels(arithmetic, engine.team().threads());
  }

  @Override
  public Derived derived() {
    return arithmetic.derived();
  }

  @Override
  public String description() {
    return "CPU kernels: %s, %d-bit vectors, %s, %d thread(s)"
        .formatted(Products.instructionSet(), Lanes.F.vectorBitSize(), engine.arithmetic().name(), engine.team().threads());
  }
}
