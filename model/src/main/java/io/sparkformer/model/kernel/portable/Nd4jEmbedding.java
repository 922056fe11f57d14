package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class Nd4jEmbedding implements EmbeddingKernel {
  private final EmbeddingWeights weights;
  private final double scale;
  private final int maxLength;
  private final Dropout dropout;
  private final int paddingId;
  /** {@code [rows, width]}, learned or computed; null for none. */
  private final INDArray positions;
  /** Row of position 0. */
  private final int firstRow;
  private final Nd4jMemory memory;

  Nd4jEmbedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout, Nd4jMemory memory) {
    this.weights = weights;
    this.scale = config.scale();
    this.dropout = dropout;
    this.memory = memory;
    this.paddingId = config.paddingId();
    if (config.positions() instanceof EmbeddingPositions.Learned learned) {
      this.positions = weights.positions().value();
      this.firstRow = learned.offset();
      this.maxLength = Math.min(maxLength, learned.rows() - learned.offset());
    } else {
      this.positions = config.positions() instanceof EmbeddingPositions.Sinusoidal sinusoidal ? table(sinusoidal, maxLength) : null;
      this.firstRow = 0;
      this.maxLength = maxLength;
    }
  }

  private INDArray table(EmbeddingPositions.Sinusoidal sinusoidal, int rows) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      int width = weights.table().value().columns();
      return Nd4jOps.fromHost(sinusoidal.table(rows, width), weights.table().value().dataType(), rows, width);
    }
  }

  @Override
  public Forward forward(INDArray ids, INDArray types, Segments segments, int[] firstPositions, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray table = weights.table().value();
      int[] id = checked("Token", ids.toIntVector(), table);
      int[] type = weights.types() == null ? null
          : checked("Token type", types == null ? new int[id.length] : types.toIntVector(), weights.types().value());
      int[] position = positions(segments, firstPositions);
      INDArray out = Nd4jOps.gather(table, id, space.array(table.dataType(), id.length, table.columns())).muli(scale);
      if (type != null) {
        out.addi(Nd4jOps.gather(weights.types().value(), type, Nd4jOps.temporary(out.dataType(), out.shape())));
      }
      if (positions != null) {
        out.addi(Nd4jOps.gather(positions, position, Nd4jOps.temporary(out.dataType(), out.shape())));
      }
      Nd4jOps.dropOut(out, dropout, pass, segments.firstToken());
      Backward backward = (outputGradient, gradients) -> {
        Nd4jOps.dropOut(outputGradient, dropout, pass, segments.firstToken());
        if (type != null) {
          Nd4jOps.scatterAdd(outputGradient, type, weights.types().gradient());
        }
        Nd4jOps.scatterAdd(outputGradient, position, Nd4jOps.gradient(weights.positions()));
        for (int i = 0; i < id.length; i++) {
          if (id[i] == paddingId) {
            outputGradient.getRow(i).assign(0);
          }
        }
        Nd4jOps.scatterAdd(outputGradient.muli(scale), id, weights.table().gradient());
        return new INDArray[0];
      };
      return memory.result(pass, out, backward);
    }
  }

  /** Of every token, the row of its position. */
  private int[] positions(Segments segments, int[] firstPositions) {
    int[] rows = new int[segments.tokens()];
    for (int s = 0; s < segments.sentences(); s++) {
      int first = firstPositions == null ? 0 : firstPositions[s];
      int end = first + segments.length(s);
      if (first < 0 || end > maxLength) {
        throw new IllegalArgumentException(
            "Sequence %d has tokens at the positions %d to %d, the longest sequence has %d tokens; drop it or raise model.max-length"
                .formatted(s, first, end - 1, maxLength));
      }
      for (int i = 0; i < segments.length(s); i++) {
        rows[segments.start(s) + i] = firstRow + first + i;
      }
    }
    return rows;
  }

  private static int[] checked(String what, int[] ids, INDArray table) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= table.rows()) {
        throw new IllegalArgumentException("%s %d at row %d is outside the table of %d rows".formatted(what, ids[i], i, table.rows()));
      }
    }
    return ids;
  }
}
