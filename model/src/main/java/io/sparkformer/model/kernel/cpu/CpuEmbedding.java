package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.SinusoidalPositions;
import io.sparkformer.model.kernel.Weight;
import java.util.Arrays;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gathers, scales, adds positions and drops out in one pass; backward, each part owns some of the ids, so that no two write one row. */
final class CpuEmbedding implements EmbeddingKernel {
  private static final int BACKWARD_PARTS = 32;

  private final Engine engine;
  private final Weight weight;
  private final Matrix table;
  private final Dropout dropout;
  private final float scale;
  private final int maxLength;
  /** {@code [max_length, d_model]}. */
  private final Matrix positions;

  private int[] ids;
  private Masks masks;

  CpuEmbedding(Engine engine, Weight weight, int maxLength, Dropout dropout) {
    this.engine = engine;
    this.weight = weight;
    this.table = Matrix.of(weight.value());
    this.dropout = dropout;
    this.scale = (float) Math.sqrt(table.columns());
    this.maxLength = maxLength;
    float[] values = SinusoidalPositions.table(maxLength, table.columns());
    Floats memory = Floats.allocate(values.length);
    memory.bytes().asFloatBuffer().put(values);
    this.positions = new Matrix(memory, 0, maxLength, table.columns(), table.columns());
  }

  @Override
  public INDArray forward(INDArray ids, Segments segments, Pass pass, LayerWorkspaceMgr memory) {
    if (segments.longest() > maxLength) {
      throw new IllegalArgumentException("A sentence of %d tokens is longer than model.max-length = %d; drop it or raise the limit"
          .formatted(segments.longest(), maxLength));
    }
    int[] tokens = ids.toIntVector();
    int[] place = new int[tokens.length];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        place[segments.start(s) + i] = i;
      }
    }
    Masks passMasks = Masks.of(dropout, pass, segments.firstToken());
    if (pass.isTraining()) {
      this.ids = tokens;
      this.masks = passMasks;
    }
    return lookUp(tokens, place, passMasks, memory);
  }

  @Override
  public void backward(INDArray outputGradient) {
    Matrix dy = Matrix.of(outputGradient);
    Matrix gradient = Matrix.of(weight.gradient());
    engine.team().run(BACKWARD_PARTS, part -> {
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] % BACKWARD_PARTS == part) {
          EmbeddingRows.scatter(dy, i, scale, masks, gradient, ids[i]);
        }
      }
    });
  }

  @Override
  public INDArray step(INDArray ids, int position, LayerWorkspaceMgr memory) {
    if (position >= maxLength) {
      throw new IllegalArgumentException("Position %d is not below model.max-length = %d".formatted(position, maxLength));
    }
    int[] tokens = ids.toIntVector();
    int[] place = new int[tokens.length];
    Arrays.fill(place, position);
    return lookUp(tokens, place, Masks.of(dropout, Pass.INFERENCE, 0), memory);
  }

  private INDArray lookUp(int[] tokens, int[] place, Masks passMasks, LayerWorkspaceMgr memory) {
    INDArray result = memory.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {tokens.length, table.columns()}, 'c');
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(tokens.length);
    engine.team().run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (tokens[i] < 0 || tokens[i] >= table.rows()) {
          throw new IllegalArgumentException("Token id %d at row %d is outside the vocabulary of %d".formatted(tokens[i], i, table.rows()));
        }
        EmbeddingRows.gather(table, tokens[i], scale, positions, place[i], passMasks, out, i);
      }
    });
    return result;
  }
}
