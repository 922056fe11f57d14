package io.sparkformer.model.kernel.portable;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

final class Nd4jEmbedding implements EmbeddingKernel {
  private final Weight table;
  private final Dropout dropout;
  private final double scale;
  private final INDArray positions;

  private INDArray ids;
  private Segments segments;
  private Pass pass;

  Nd4jEmbedding(Weight table, int maxLength, Dropout dropout) {
    this.table = table;
    this.dropout = dropout;
    int dModel = table.value().columns();
    this.scale = Math.sqrt(dModel);
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      this.positions = Nd4jOps.fromHost(SinusoidalPositions.table(maxLength, dModel), table.value().dataType(), maxLength, dModel);
    }
  }

  @Override
  public INDArray forward(INDArray ids, Segments segments, Pass pass, LayerWorkspaceMgr memory) {
    if (segments.longest() > positions.rows()) {
      throw new IllegalArgumentException("A sentence of %d tokens is longer than model.max-length = %d; drop it or raise the limit"
          .formatted(segments.longest(), positions.rows()));
    }
    int[] position = new int[segments.tokens()];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        position[segments.start(s) + i] = i;
      }
    }
    INDArray out = lookUp(ids, memory);
    INDArray places = Nd4jOps.temporary(out.dataType(), out.shape());
    out.addi(Nd4jOps.gather(positions, Nd4j.createFromArray(position), places));
    if (dropout.applies(pass)) {
      out.muli(Nd4jOps.dropoutMask(dropout, pass, segments.firstToken(), out));
    }
    if (pass.isTraining()) {
      this.ids = ids;
      this.segments = segments;
      this.pass = pass;
    }
    return out;
  }

  @Override
  public void backward(INDArray outputGradient) {
    INDArray update = outputGradient.mul(scale);
    if (dropout.applies(pass)) {
      update.muli(Nd4jOps.dropoutMask(dropout, pass, segments.firstToken(), update));
    }
    INDArray gradient = table.gradient();
    Nd4j.exec(DynamicCustomOp.builder("scatter_add").addInputs(gradient, ids, update).addOutputs(gradient).build());
  }

  @Override
  public INDArray step(INDArray ids, int position, LayerWorkspaceMgr memory) {
    if (position >= positions.rows()) {
      throw new IllegalArgumentException("Position %d is not below model.max-length = %d".formatted(position, positions.rows()));
    }
    return lookUp(ids, memory).addiRowVector(Nd4jOps.rows(positions, position, position + 1));
  }

  private INDArray lookUp(INDArray ids, LayerWorkspaceMgr memory) {
    INDArray weights = table.value();
    INDArray out = memory.createUninitialized(ArrayType.ACTIVATIONS, weights.dataType(), new long[] {ids.length(), weights.columns()}, 'c');
    return Nd4jOps.gather(weights, ids, out).muli(scale);
  }
}
