package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceWeight;
import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gathers in one kernel; backward, the tokens are grouped by the row that they looked up, and each row's sum has a fixed order. */
final class CudaEmbedding implements EmbeddingKernel {
  private static final int THREADS = 256;
  private static final int COLUMNS = 32;
  /** No row. */
  private static final int NONE = -1;

  private final CudaEngine engine;
  private final DeviceWeight table;
  private final DeviceWeight types;
  private final int paddingId;
  private final float scale;
  private final Positions positions;
  private final Dropout dropout;

  CudaEmbedding(CudaEngine engine, EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    this.engine = engine;
    this.table = engine.weights().of(weights.table());
    this.types = engine.weights().of(weights.types());
    this.paddingId = config.paddingId();
    this.scale = (float) config.scale();
    this.positions = Positions.of(engine, config.positions(), engine.weights().of(weights.positions()), maxLength, (int) table.columns());
    this.dropout = dropout;
  }

  /**
   * What is added for a position.
   *
   * @param learned null for a fixed table or none
   * @param fixed address of a fixed table; 0 for none
   * @param firstRow of position 0
   */
  private record Positions(DeviceWeight learned, long fixed, int firstRow, int maxLength) {
    static Positions of(CudaEngine engine, EmbeddingPositions config, DeviceWeight learned, int maxLength, int width) {
      if (config instanceof EmbeddingPositions.Sinusoidal sinusoidal) {
        return new Positions(null, engine.constant(sinusoidal.table(maxLength, width)), 0, maxLength);
      }
      return config instanceof EmbeddingPositions.Learned rows ? new Positions(learned, 0, rows.offset(), maxLength)
          : new Positions(null, 0, 0, maxLength);
    }

    long address() {
      return learned == null ? fixed : learned.address();
    }

    /** Of every token, the row of its position. */
    int[] rows(Segments segments, int[] firstPositions) {
      int[] rows = new int[segments.tokens()];
      for (int s = 0; s < segments.sentences(); s++) {
        int first = firstPositions == null ? 0 : firstPositions[s];
        check(first, segments.length(s));
        for (int i = 0; i < segments.length(s); i++) {
          rows[segments.start(s) + i] = firstRow + first + i;
        }
      }
      return rows;
    }

    private void check(int first, int length) {
      if (length > maxLength) {
        throw new IllegalArgumentException("A sentence of %d tokens is longer than model.max-length = %d; drop it or raise the limit"
            .formatted(length, maxLength));
      }
      int last = first + length - 1;
      if (last >= maxLength) {
        throw new IllegalArgumentException("Position %d is not below model.max-length = %d".formatted(last, maxLength));
      }
      if (learned != null && length > 0 && firstRow + last >= learned.rows()) {
        throw new IllegalArgumentException("Position %d needs row %d of the learned positions, which have %d rows; lower model.max-length"
            .formatted(last, firstRow + last, learned.rows()));
      }
    }
  }

  @Override
  public Forward forward(INDArray ids, INDArray types, Segments segments, int[] firstPositions, Pass pass, Space space) {
    int[] tokens = checked(ids.toIntVector(), table, "Token id %d at row %d is outside the vocabulary of %d");
    int[] rows = positions.rows(segments, firstPositions);
    int[] kinds = this.types == null ? null : types == null ? new int[tokens.length]
        : checked(types.toIntVector(), this.types, "Token type %d at row %d is outside the %d token types");
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, tokens.length, table.columns());
      Drops drops = Drops.of(dropout, pass);
      engine.forRows(engine.kernel("rows", "embed"), tokens.length, table.columns(), 0, table.address(), call.upload(tokens),
          kinds == null ? 0L : this.types.address(), kinds == null ? 0L : call.upload(kinds), positions.address(), call.upload(rows),
          result.address(), (int) table.columns(), scale, drops.key(), drops.threshold(), drops.scale(), (long) segments.firstToken());
      return pass.isTraining()
          ? new Forward(result.array(), (gradient, target) -> backward(gradient, tokens, rows, kinds, drops, segments.firstToken()))
          : Forward.inference(result.array());
    }
  }

  private static int[] checked(int[] rows, DeviceWeight of, String error) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= of.rows()) {
        throw new IllegalArgumentException(error.formatted(rows[i], i, of.rows()));
      }
    }
    return rows;
  }

  private INDArray[] backward(INDArray outputGradient, int[] tokens, int[] rows, int[] kinds, Drops drops, long firstToken) {
    try (Call call = Call.of(engine)) {
      long dy = call.scratchOf(outputGradient);
      scatter(call, dy, tokens, paddingId, scale, drops, firstToken, table);
      scatter(call, dy, rows, NONE, 1, drops, firstToken, positions.learned());
      scatter(call, dy, kinds, NONE, 1, drops, firstToken, types);
    }
    return new INDArray[0];
  }

  /** Adds the rows of {@code dy} to those of a parameter's gradient that they looked up, but to one; nothing happens without a gradient. */
  private void scatter(Call call, long dy, int[] lookedUp, int skipped, float factor, Drops drops, long firstToken, DeviceWeight to) {
    if (to == null || !to.hasGradient()) {
      return;
    }
    RowGroups groups = RowGroups.of(lookedUp, skipped, (int) to.rows());
    int columns = (int) table.columns();
    engine.kernel("rows", "scatter_sums").launch(engine.queue(), new Launch(groups.count(), (columns + COLUMNS - 1) / COLUMNS, THREADS, 0),
        dy, call.upload(groups.targets()), call.upload(groups.starts()), call.upload(groups.rows()), to.gradient(), columns, factor,
        drops.key(), drops.threshold(), drops.scale(), firstToken);
  }
}
