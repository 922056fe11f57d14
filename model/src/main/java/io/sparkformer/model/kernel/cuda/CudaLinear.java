package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cuda.array.DeviceWeight;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import io.sparkformer.model.kernel.cuda.product.Products.Read;
import io.sparkformer.model.kernel.cuda.product.Products.Sum;

/** {@code x W^T + b}, or some rows of {@code W} and elements of {@code b}; matrices that products read come from {@link Call#factor}. */
final class CudaLinear {
  private final CudaEngine engine;
  private final DeviceWeight weight;
  /** Null for none. */
  private final DeviceWeight bias;

  CudaLinear(CudaEngine engine, Weight weight, Weight bias) {
    this.engine = engine;
    this.weight = engine.weights().of(weight);
    this.bias = engine.weights().of(bias);
  }

  int outputs() {
    return (int) weight.rows();
  }

  int inputs() {
    return (int) weight.columns();
  }

  DeviceWeight bias() {
    return bias;
  }

  /** Writes {@code [rows, out]}. */
  void forward(DeviceMatrix x, DeviceMatrix out) {
    forward(x, 0, outputs(), out);
  }

  /** Writes the outputs {@code from ..< to}. */
  void forward(DeviceMatrix x, int from, int to, DeviceMatrix out) {
    engine.products().multiply(x, Read.AS_IT_IS, factor().rows(from, to), Read.TRANSPOSED, out, Sum.NEW,
        bias == null ? 0 : bias.address() + (long) Float.BYTES * from);
  }

  /** Writes, or adds, {@code [rows, in]} from the gradient of the outputs {@code from ..< to}. */
  void inputGradient(DeviceMatrix outputGradient, int from, int to, DeviceMatrix out, Sum sum) {
    engine.products().multiply(outputGradient, Read.AS_IT_IS, factor().rows(from, to), Read.AS_IT_IS, out, sum);
  }

  void inputGradient(DeviceMatrix outputGradient, DeviceMatrix out) {
    inputGradient(outputGradient, 0, outputs(), out, Sum.NEW);
  }

  /** Adds to the gradient of the rows {@code from ..< to} of {@code W}. */
  void addWeightGradient(DeviceMatrix outputGradient, DeviceMatrix x, int from, int to) {
    if (weight.hasGradient()) {
      engine.products().multiply(outputGradient, Read.TRANSPOSED, x, Read.AS_IT_IS,
          DeviceMatrix.of(weight.gradient(), outputs(), inputs()).rows(from, to), Sum.ADDED);
    }
  }

  void addWeightGradient(DeviceMatrix outputGradient, DeviceMatrix x) {
    addWeightGradient(outputGradient, x, 0, outputs());
  }

  /** Adds to the gradient of elements {@code from ..< to} of {@code b}, from float32 gradients of those outputs. */
  void addBiasGradient(Call call, DeviceMatrix outputGradient, int from) {
    if (bias != null && bias.hasGradient()) {
      ColumnSums.add(engine, call, outputGradient, 0, Drops.none(), 0, bias.gradient() + (long) Float.BYTES * from);
    }
  }

  /** {@code W} as products read it. */
  private DeviceMatrix factor() {
    return engine.factors() == DeviceMatrix.Type.FLOAT32 ? DeviceMatrix.of(weight.address(), outputs(), inputs())
        : new DeviceMatrix(weight.rounded((from, to, count) -> Call.round(engine, from, to, count)), DeviceMatrix.Type.BFLOAT16, outputs(),
            inputs(), inputs());
  }
}
