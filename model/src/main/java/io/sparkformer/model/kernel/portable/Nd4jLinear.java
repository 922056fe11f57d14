package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Weight;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code x W^T + b}.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}; null for none
 */
record Nd4jLinear(Weight weight, Weight bias) {
  /** The outputs {@code from ..< to} of a linear layer. */
  static Nd4jLinear ofRows(Weight weight, Weight bias, long from, long to) {
    return new Nd4jLinear(Nd4jOps.rows(weight, from, to), Nd4jOps.rows(bias, from, to));
  }

  /** The same layer, whose bias is not trained. */
  Nd4jLinear withFrozenBias() {
    return new Nd4jLinear(weight, bias == null ? null : new Weight(bias.value(), null));
  }

  long out() {
    return weight.value().size(0);
  }

  /** Writes {@code [rows, out]} to {@code out}. */
  INDArray forward(INDArray x, INDArray out) {
    Nd4jOps.productWithTransposed(x, weight.value(), out, 1);
    return bias == null ? out : out.addiRowVector(Nd4jOps.row(bias.value()));
  }

  void addGradients(INDArray outputGradient, INDArray x) {
    Nd4jOps.addProductOfTransposed(outputGradient, x, weight.gradient());
    Nd4jOps.addColumnSums(outputGradient, Nd4jOps.gradient(bias));
  }

  /** Writes {@code [rows, in]} to {@code out}. */
  INDArray inputGradient(INDArray outputGradient, INDArray out) {
    return Nd4jOps.product(outputGradient, weight.value(), out);
  }
}
