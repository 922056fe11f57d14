package io.sparkformer.model.kernel.portable;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jResidual implements ResidualKernel {
  private final Dropout dropout;
  /** Null in a pre-norm network. */
  private final Nd4jNorm norm;

  private long firstToken;
  private Pass pass;

  Nd4jResidual(Dropout dropout, Nd4jNorm norm) {
    this.dropout = dropout;
    this.norm = norm;
  }

  @Override
  public INDArray forward(INDArray x, INDArray residual, long firstToken, Pass pass, LayerWorkspaceMgr space) {
    this.firstToken = firstToken;
    this.pass = pass;
    INDArray sum = norm == null
        ? space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c')
        : Nd4jOps.temporary(x.dataType(), x.shape());
    sum.assign(x);
    if (dropout.applies(pass)) {
      sum.muli(Nd4jOps.dropoutMask(dropout, pass, firstToken, sum));
    }
    sum.addi(residual);
    return norm == null ? sum : norm.forward(sum, pass, space);
  }

  @Override
  public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    INDArray residual = norm == null
        ? space.dup(ArrayType.ACTIVATION_GRAD, outputGradient, 'c')
        : norm.backward(outputGradient, space);
    INDArray x = space.dup(ArrayType.ACTIVATION_GRAD, residual, 'c');
    if (dropout.applies(pass)) {
      x.muli(Nd4jOps.dropoutMask(dropout, pass, firstToken, x));
    }
    return new Gradients(x, residual);
  }
}
