package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;
import io.sparkformer.model.kernel.cpu.rows.EmbeddingRows;
import io.sparkformer.model.kernel.cpu.rows.Masks;
import io.sparkformer.model.kernel.cpu.rows.PositionTable;
import io.sparkformer.model.kernel.cpu.rows.ScaledRows;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gathers, scales, adds and drops out in one pass; backward, each part owns some of the ids, so that no two write one row. */
final class CpuEmbedding implements EmbeddingKernel {
  private static final int BACKWARD_PARTS = 32;
  /** No row. */
  private static final int NONE = -1;

  private final Engine engine;
  private final Matrix table;
  private final Matrix tableGradient;
  private final int paddingId;
  private final float scale;
  private final PositionTable positions;
  /** Null for none. */
  private final Matrix types;
  private final Matrix typesGradient;
  private final Dropout dropout;

  CpuEmbedding(Engine engine, EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    this.engine = engine;
    this.table = Matrix.of(weights.table().value());
    this.tableGradient = Matrix.ofGradient(weights.table());
    this.paddingId = config.paddingId();
    this.scale = (float) config.scale();
    this.positions = PositionTable.of(config.positions(), weights.positions(), maxLength, table.columns());
    this.types = weights.types() == null ? null : Matrix.of(weights.types().value());
    this.typesGradient = Matrix.ofGradient(weights.types());
    this.dropout = dropout;
  }

  @Override
  public Forward forward(INDArray ids, INDArray types, Segments segments, int[] firstPositions, Pass pass, Space space) {
    int[] tokens = checked(ids.toIntVector(), table, "Token id %d at row %d is outside the vocabulary of %d");
    int[] place = positions.rows(segments, firstPositions);
    int[] kinds = this.types == null ? null
        : types == null ? new int[tokens.length]
        : checked(types.toIntVector(), this.types, "Token type %d at row %d is outside the %d token types");
    Masks masks = Masks.of(dropout, pass, segments.firstToken());
    INDArray result = space.array(DataType.FLOAT, tokens.length, table.columns());
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(tokens.length);
    engine.team().run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        EmbeddingRows.gather(table, tokens[i], scale, positions.values(), place[i], out, i);
        if (kinds != null) {
          ScaledRows.add(this.types, kinds[i], out, i);
        }
        if (masks.applies()) {
          DropoutRows.dropRow(out, out, i, masks);
        }
      }
    });
    return pass.isTraining()
        ? new Forward(result, (outputGradient, target) -> backward(tokens, place, kinds, masks, outputGradient))
        : Forward.inference(result);
  }

  private static int[] checked(int[] rows, Matrix of, String error) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= of.rows()) {
        throw new IllegalArgumentException(error.formatted(rows[i], i, of.rows()));
      }
    }
    return rows;
  }

  private INDArray[] backward(int[] tokens, int[] place, int[] kinds, Masks masks, INDArray outputGradient) {
    Matrix dy = Matrix.of(outputGradient);
    engine.team().run(BACKWARD_PARTS, part -> {
      scatter(part, dy, tokens, paddingId, scale, masks, tableGradient);
      scatter(part, dy, place, NONE, 1, masks, positions.gradient());
      scatter(part, dy, kinds, NONE, 1, masks, typesGradient);
    });
    return new INDArray[0];
  }

  /** Adds the rows of {@code dy} to those rows of a gradient that a part owns, but one; to none if it is null. */
  private static void scatter(int part, Matrix dy, int[] rows, int skipped, float scale, Masks masks, Matrix gradient) {
    if (gradient == null) {
      return;
    }
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] % BACKWARD_PARTS == part && rows[i] != skipped) {
        EmbeddingRows.scatter(dy, i, scale, masks, gradient, rows[i]);
      }
    }
  }
}
