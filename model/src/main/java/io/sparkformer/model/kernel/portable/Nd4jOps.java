package io.sparkformer.model.kernel.portable;

import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

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

  /** {@code out += a^T b}: a weight gradient. */
  static void addProductOfTransposed(INDArray a, INDArray b, INDArray out) {
    product(a, b, out, FIRST, 1, 1);
  }

  /** {@code x W^T + b}, {@code x [rows, in]}, {@code W [out, in]}, {@code b [out]}; written to {@code out [rows, out]}. */
  static INDArray linear(INDArray x, INDArray weight, INDArray bias, INDArray out) {
    productWithTransposed(x, weight, out, 1);
    return out.addiRowVector(bias.reshape(1, bias.length()));
  }

  /** Adds the gradients of a linear layer's weight {@code [out, in]} and bias {@code [out]}. */
  static void addLinearGradients(INDArray outputGradient, INDArray x, INDArray weightGradient, INDArray biasGradient) {
    addProductOfTransposed(outputGradient, x, weightGradient);
    addColumnSums(outputGradient, biasGradient);
  }

  /** {@code sums[j] += sum_i x[i, j]}, as a product with a row of ones: ND4J's own column sum is 4 times slower. */
  static void addColumnSums(INDArray x, INDArray sums) {
    if (x.rows() == 0) {
      return;
    }
    INDArray ones = Nd4j.ones(x.dataType(), 1, x.rows());
    product(ones, x, sums.reshape(1, sums.length()), PLAIN, 1, 1);
  }

  /** {@code out[i] = x[rows[i]]}. */
  static INDArray gather(INDArray x, INDArray rows, INDArray out) {
    Nd4j.exec(custom("gather", out, x, rows).addIntegerArguments(0).build());
    return out;
  }

  /** Softmax over the last dimension, in place. */
  static INDArray softmaxInPlace(INDArray x) {
    Nd4j.exec(custom("softmax", x, x).addIntegerArguments(x.rank() - 1).build());
    return x;
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

  static INDArray temporary(DataType type, long... shape) {
    return Nd4j.createUninitialized(type, shape, 'c');
  }

  /** The dropout multipliers of packed rows, 0 or the scale: {@code [rows, elements]}. */
  static INDArray dropoutMask(Dropout dropout, Pass pass, long firstToken, INDArray like) {
    int rows = (int) like.size(0);
    int elements = (int) like.size(1);
    float[] mask = new float[rows * elements];
    for (int row = 0; row < rows; row++) {
      dropout.fillRow(pass.step(), firstToken + row, mask, row * elements, elements);
    }
    return fromHost(mask, like.dataType(), rows, elements);
  }

  static INDArray fromHost(float[] values, DataType type, long... shape) {
    INDArray array = Nd4j.createFromArray(values).reshape(shape);
    return type == DataType.FLOAT ? array : array.castTo(type);
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
