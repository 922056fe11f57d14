package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import java.nio.ByteBuffer;

/**
 * The weights of a layer as 8-bit integers, packed for oneDNN: for the forward product with a scale for each output, for the backward
 * product with one for each input, so that scales can be taken out of the sums. Each is made when a pass first needs it after an update.
 */
final class Int8Weights implements Arithmetic.Weights {
  /** {@code 127^2} times so many still fits into 32 bits. */
  static final int LONGEST_INNER = 1 << 17;

  /** Outputs that a thread looks at together for the scales of inputs. */
  private static final int SCALED_TOGETHER = 64;

  private final Int8Arithmetic arithmetic;
  private final Matrix values;
  private final PackedBlocks forward;
  private final PackedBlocks backward;
  /** Of outputs. */
  private final float[] forwardScales;
  /** Of inputs; null before the first training pass. */
  private float[] backwardScales;

  Int8Weights(Int8Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.forward = PackedBlocks.ofPanels(values.rows());
    this.backward = PackedBlocks.ofPieces(values.rows());
    this.forwardScales = new float[values.rows()];
  }

  @Override
  public Matrix values() {
    return values;
  }

  @Override
  public long derivedBytes() {
    return forward.bytes() + backward.bytes() + Float.BYTES * (outputs() + (backwardScales == null ? 0L : inputs()));
  }

  @Override
  public RowBlocks outputBlocks() {
    return forward.blocks();
  }

  @Override
  public void prepare(Team team, Pass pass) {
    int version = arithmetic.version();
    boolean roundsForward = !forward.isOf(version);
    boolean roundsBackward = pass.isTraining() && !backward.isOf(version);
    if (!roundsForward && !roundsBackward) {
      return;
    }
    float[] inverses = roundsBackward ? scaleInputs(team, RowBlocks.even(outputs(), SCALED_TOGETHER)) : null;
    int backwardParts = roundsBackward ? backward.blocks().count() : 0;
    team.run(backwardParts + (roundsForward ? forward.blocks().count() : 0), part -> {
      if (part < backwardParts) {
        packBackward(part, inverses);
      } else {
        packForward(part - backwardParts);
      }
    });
    forward.madeOf(version);
    if (roundsBackward) {
      backward.madeOf(version);
    }
  }

  /** Some rows of {@code W}, seen as {@code W^T [inputs, outputs]}: transposed first, which oneDNN does slowly while it packs. */
  private void packForward(int panel) {
    int from = forward.blocks().start(panel);
    int outputs = forward.blocks().end(panel) - from;
    Floats rounded = rounded(outputs);
    for (int i = 0; i < outputs; i++) {
      int row = values.place(from + i, 0);
      forwardScales[from + i] = Int8Rows.scale(Int8Rows.magnitude(values.bytes(), row, inputs()));
      Int8Rows.round(values.bytes(), row, Int8Rows.inverse(forwardScales[from + i]), rounded.bytes(), i * inputs(), inputs());
    }
    Primitives primitives = Primitives.int8();
    long transposed = ThreadScratch.get().transposed.floats(floats((long) outputs * inputs())).address();
    primitives.reorder(new Primitives.Transposition(outputs, inputs(), inputs()), rounded.address(), transposed);
    primitives.reorder(new Primitives.Packing(inputs(), outputs, outputs, 1), transposed,
        forward.memory(panel, primitives.packedBytes(inputs(), outputs)));
  }

  /** Some rows of {@code W [outputs, inputs]}. */
  private void packBackward(int piece, float[] inverses) {
    int from = backward.blocks().start(piece);
    int outputs = backward.blocks().end(piece) - from;
    Floats rounded = rounded(outputs);
    for (int i = 0; i < outputs; i++) {
      Int8Rows.round(values.bytes(), values.place(from + i, 0), inverses, rounded.bytes(), i * inputs(), inputs());
    }
    Primitives primitives = Primitives.int8();
    primitives.reorder(new Primitives.Packing(outputs, inputs(), inputs(), 1), rounded.address(),
        backward.memory(piece, primitives.packedBytes(outputs, inputs())));
  }

  /** Memory of the thread for some outputs' integers. */
  private Floats rounded(int outputs) {
    return ThreadScratch.get().rounded.floats(floats((long) outputs * inputs()));
  }

  private static long floats(long bytes) {
    return (bytes + Float.BYTES - 1) / Float.BYTES;
  }

  /** Finds the backward scales, and returns their inverses. */
  private float[] scaleInputs(Team team, RowBlocks blocks) {
    backwardScales = backwardScales == null ? new float[inputs()] : backwardScales;
    int[][] most = new int[blocks.count()][inputs()];
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        Int8Rows.magnitudes(values.bytes(), values.place(i, 0), most[block], inputs());
      }
    });
    float[] inverses = new float[inputs()];
    for (int j = 0; j < inputs(); j++) {
      int magnitude = 0;
      for (int[] ofBlock : most) {
        magnitude = Math.max(magnitude, ofBlock[j]);
      }
      backwardScales[j] = Int8Rows.scale(magnitude);
      inverses[j] = Int8Rows.inverse(backwardScales[j]);
    }
    return inverses;
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    multiplyPanels((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forwardScales, first, columns));
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix bias, Matrix out) {
    multiplyPanels((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forwardScales, first, bias.bytes(), bias.place(0, first), columns));
  }

  private void multiplyPanels(Int8Operand x, int from, int to, Matrix out, Scaling scaling) {
    for (int panel = forward.indexOf(from); panel < forward.blocks().count() && forward.blocks().start(panel) < to; panel++) {
      int first = forward.blocks().start(panel);
      Matrix some = out.columns(first - from, forward.blocks().end(panel) - from);
      forward.multiply(Primitives.int8(), x, panel, some, Primitives.Sum.NEW);
      for (int i = 0; i < some.rows(); i++) {
        scaling.run(x.scale(i), first, some.bytes(), some.place(i, 0), some.columns());
      }
    }
  }

  /** Turns a row of sums into float32, whose scale is given; {@code first} is the output of its first column. */
  private interface Scaling {
    void run(float scale, int first, ByteBuffer row, int at, int columns);
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    Int8Operand rows = (Int8Operand) dy;
    int pieces = Math.min(backward.blocks().count(), LONGEST_INNER / PackedBlocks.PIECE);
    sumBackward(rows, 0, pieces, dx);
    for (int i = 0; i < dx.rows(); i++) {
      Int8Rows.scale(dx.bytes(), dx.place(i, 0), rows.scale(i), backwardScales, 0, dx.columns());
    }
    for (int from = pieces; from < backward.blocks().count(); from += pieces) {
      Matrix sums = ThreadScratch.get().sums.matrix(dx.rows(), dx.columns());
      sumBackward(rows, from, Math.min(backward.blocks().count(), from + pieces), sums);
      for (int i = 0; i < dx.rows(); i++) {
        Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), rows.scale(i), backwardScales, 0, dx.bytes(), dx.place(i, 0), dx.columns());
      }
    }
  }

  /** The sums over the outputs of some pieces. */
  private void sumBackward(Int8Operand rows, int from, int to, Matrix sums) {
    for (int piece = from; piece < to; piece++) {
      backward.multiply(Primitives.int8(), rows.columns(backward.blocks().start(piece), backward.blocks().end(piece)), piece, sums,
          piece == from ? Primitives.Sum.NEW : Primitives.Sum.ADDED);
    }
  }
}
