package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Derived;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.HashMap;
import java.util.Map;

/**
 * The products of several graphs over the same parameters: what another arithmetic derives from a matrix of weights (rounded, packed) is
 * there once, and made by the thread that needs it first, while others that need it wait. Weight gradients are for one graph at a time.
 */
public final class SharedArithmetic implements Arithmetic {
  private final Arithmetic products;
  private final Map<Place, Shared> weights = new HashMap<>();
  private long nanos;

  public SharedArithmetic(Arithmetic products) {
    this.products = products;
  }

  /** Where a matrix lies: equal for equal memory. */
  private record Place(long address, int rows, int columns, int stride) {
    static Place of(Matrix matrix) {
      return new Place(matrix.memory().address() + (long) Float.BYTES * matrix.offset(), matrix.rows(), matrix.columns(),
          matrix.stride());
    }
  }

  @Override
  public String name() {
    return products.name();
  }

  @Override
  public Operand operand(HostMemory memory, Role role, int rows, int columns) {
    return products.operand(memory, role, rows, columns);
  }

  @Override
  public Operand operand(HostMemory memory, Role role, Matrix rows) {
    return products.operand(memory, role, rows);
  }

  @Override
  public synchronized Weights weights(Matrix values) {
    return weights.computeIfAbsent(Place.of(values), place -> Shared.of(this, products.weights(values)));
  }

  @Override
  public synchronized void parametersChanged() {
    products.parametersChanged();
    weights.values().forEach(Shared::parametersChanged);
  }

  @Override
  public void addWeightGradients(Team team, WeightGradient... gradients) {
    products.addWeightGradients(team, gradients);
  }

  @Override
  public int logitRows() {
    return products.logitRows();
  }

  @Override
  public RowBlocks slabs(int rows, int vocabulary) {
    return products.slabs(rows, vocabulary);
  }

  /** What has been derived so far, of all matrices. */
  public synchronized Derived derived() {
    return new Derived(weights.values().stream().mapToLong(Weights::derivedBytes).sum(), nanos);
  }

  private synchronized void prepare(Shared shared, Team team, Pass pass) {
    long start = System.nanoTime();
    shared.weights.prepare(team, pass);
    nanos += System.nanoTime() - start;
    shared.isPrepared = true;
    shared.isPreparedForTraining |= pass.isTraining();
  }

  /** The weights of a matrix, for all graphs. */
  private static final class Shared implements Weights {
    private final SharedArithmetic arithmetic;
    private final Weights weights;
    private final Shared inference;
    private volatile boolean isPrepared;
    private volatile boolean isPreparedForTraining;

    private Shared(SharedArithmetic arithmetic, Weights weights, Shared inference) {
      this.arithmetic = arithmetic;
      this.weights = weights;
      this.inference = inference == null ? this : inference;
    }

    static Shared of(SharedArithmetic arithmetic, Weights weights) {
      Weights inference = weights.forInference();
      return new Shared(arithmetic, weights, inference == weights ? null : new Shared(arithmetic, inference, null));
    }

    void parametersChanged() {
      isPrepared = false;
      isPreparedForTraining = false;
      inference.isPrepared = false;
    }

    @Override
    public void prepare(Team team, Pass pass) {
      if (!(pass.isTraining() ? isPreparedForTraining : isPrepared)) {
        arithmetic.prepare(this, team, pass);
      }
    }

    @Override
    public Weights forInference() {
      return inference;
    }

    @Override
    public Matrix values() {
      return weights.values();
    }

    @Override
    public RowBlocks outputBlocks() {
      return weights.outputBlocks();
    }

    @Override
    public long derivedBytes() {
      return weights.derivedBytes() + (inference == this ? 0 : inference.derivedBytes());
    }

    @Override
    public void multiply(Operand x, int from, int to, Matrix out) {
      weights.multiply(x, from, to, out);
    }

    @Override
    public void multiply(Operand x, int from, int to, Matrix bias, Matrix out) {
      weights.multiply(x, from, to, bias, out);
    }

    @Override
    public void multiplyBackward(Operand dy, Matrix dx) {
      weights.multiplyBackward(dy, dx);
    }
  }
}
