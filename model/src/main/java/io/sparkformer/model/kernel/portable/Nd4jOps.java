package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import java.util.function.IntToLongFunction;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The ND4J operations that the portable kernels are made of, each in the form that was measured to be the fast one. */
final class Nd4jOps {
  private static final MMulTranspose PLAIN = transposes(false, false);
  private static final MMulTranspose FIRST = transposes(true, false);
  private static final MMulTranspose SECOND = transposes(false, true);

  private Nd4jOps() {}

  /** {@code out = a b}; the last two dimensions are the matrices. */
  static INDArray product(INDArray a, INDArray b, INDArray out) {
    return product(a, b, out, PLAIN, 1, 0);
  }

  /** {@code out = factor * a b^T}. */
  static INDArray productWithTransposed(INDArray a, INDArray b, INDArray out, double factor) {
    return product(a, b, out, SECOND, factor, 0);
  }

  /** {@code out = a^T b}. */
  static INDArray productOfTransposed(INDArray a, INDArray b, INDArray out) {
    return product(a, b, out, FIRST, 1, 0);
  }

  /** {@code out += a^T b}: the gradient of a weight; nothing happens if {@code out} is null. */
  static void addProductOfTransposed(INDArray a, INDArray b, INDArray out) {
    if (out != null) {
      product(a, b, out, FIRST, 1, 1);
    }
  }

  /**
   * {@code sums[j] += sum_i x[i, j]}, as a product with a row of ones: ND4J's own column sum is 4 times slower. Nothing happens if
   * {@code sums} is null.
   */
  static void addColumnSums(INDArray x, INDArray sums) {
    if (sums != null) {
      product(Nd4j.ones(x.dataType(), 1, x.rows()), x, row(sums), PLAIN, 1, 1);
    }
  }

  /** {@code out[i] = x[rows[i]]}. */
  static INDArray gather(INDArray x, int[] rows, INDArray out) {
    return gather(x, rows, 0, out);
  }

  /** {@code out[i, j] = x[i, columns[j]]}. */
  static INDArray gatherColumns(INDArray x, int[] columns, INDArray out) {
    return gather(x, columns, 1, out);
  }

  private static INDArray gather(INDArray x, int[] places, int dimension, INDArray out) {
    Nd4j.exec(custom("gather", out, x, Nd4j.createFromArray(places)).addIntegerArguments(dimension).build());
    return out;
  }

  /**
   * {@code to[rows[i]] += x[i]}, in the order of {@code i}; nothing happens if {@code to} is null. The operation's first flag makes it run
   * in one thread: otherwise sums of rows that occur twice get lost.
   */
  static void scatterAdd(INDArray x, int[] rows, INDArray to) {
    if (to != null) {
      Nd4j.exec(custom("scatter_add", to, to, Nd4j.createFromArray(rows), x).addBooleanArguments(true).build());
    }
  }

  /** Softmax over the last dimension, in place. ND4J's own gives NaN for double rows whose largest element is below about -745. */
  static INDArray softmaxInPlace(INDArray x) {
    int last = x.rank() - 1;
    Transforms.exp(x.subi(x.max(true, last).broadcast(x.shape())), false);
    return x.divi(x.sum(true, last).broadcast(x.shape()));
  }

  /**
   * A view of {@code x[from ..< to]}, of the first dimension of an array in C order. ND4J's {@code get} with an interval and
   * {@code all()} gives a scalar for some intervals of a view; an interval of a flat view is right.
   */
  static INDArray rows(INDArray x, long from, long to) {
    long row = x.length() / x.size(0);
    long[] shape = x.shape().clone();
    shape[0] = to - from;
    return x.reshape(x.length()).get(NDArrayIndex.interval(from * row, to * row)).reshape('c', shape);
  }

  /** Rows of a parameter; null of null. */
  static Weight rows(Weight weight, long from, long to) {
    return weight == null ? null
        : new Weight(rows(weight.value(), from, to), weight.gradient() == null ? null : rows(weight.gradient(), from, to));
  }

  /** The gradient of a parameter that may be missing. */
  static INDArray gradient(Weight weight) {
    return weight == null ? null : weight.gradient();
  }

  /** A vector as a matrix of one row. */
  static INDArray row(INDArray vector) {
    return vector.reshape(1, vector.length());
  }

  static INDArray temporary(DataType type, long... shape) {
    return Nd4j.createUninitialized(type, shape, 'c');
  }

  /** Multiplies packed rows by their dropout multipliers, 0 or the scale; nothing happens where there is no dropout. */
  static INDArray dropOut(INDArray x, Dropout dropout, Pass pass, long firstToken) {
    return dropOut(x, dropout, pass, row -> firstToken + row);
  }

  /** As {@link #dropOut(INDArray, Dropout, Pass, long)}, of rows at any places of the global batch. */
  static INDArray dropOut(INDArray x, Dropout dropout, Pass pass, IntToLongFunction place) {
    if (!dropout.applies(pass)) {
      return x;
    }
    int rows = (int) x.size(0);
    int elements = (int) x.size(1);
    float[] mask = new float[rows * elements];
    for (int row = 0; row < rows; row++) {
      dropout.fillRow(pass.step(), place.applyAsLong(row), mask, row * elements, elements);
    }
    return x.muli(fromHost(mask, x.dataType(), rows, elements));
  }

  static INDArray fromHost(float[] values, DataType type, long... shape) {
    return typed(Nd4j.createFromArray(values).reshape(shape), type);
  }

  static INDArray fromHost(double[] values, DataType type, long... shape) {
    return typed(Nd4j.createFromArray(values).reshape(shape), type);
  }

  private static INDArray typed(INDArray array, DataType type) {
    return array.dataType() == type ? array : array.castTo(type);
  }

  private static INDArray product(INDArray a, INDArray b, INDArray out, MMulTranspose transposes, double alpha, double beta) {
    Nd4j.exec(new Mmul(a, b, out, alpha, beta, transposes));
    return out;
  }

  private static DynamicCustomOp.DynamicCustomOpsBuilder custom(String name, INDArray output, INDArray... inputs) {
    return DynamicCustomOp.builder(name).addInputs(inputs).addOutputs(output);
  }

  private static MMulTranspose transposes(boolean first, boolean second) {
    return MMulTranspose.builder().transposeA(first).transposeB(second).build();
  }
}
