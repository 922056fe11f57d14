package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import java.nio.ByteBuffer;

/**
 * The weights of a layer as 8-bit integers, packed for oneDNN: for the forward product with a scale for each output, for the backward
 * product with one for each input, so that scales can be taken out of the sums. Each is made when a pass first needs it after an update.
 * Sums are exact as long as no more than {@link Int8Products#LONGEST_INNER} terms are added up.
 */
final class Int8Weights implements Arithmetic.Weights {
  /** Outputs that a thread rounds at a time. */
  private static final int ROUNDED_TOGETHER = 64;

  private final Int8Arithmetic arithmetic;
  private final Matrix values;
  private final Side forward;
  private final Side backward;

  Int8Weights(Int8Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.forward = new Side(new PackedBlocks(ElementType.INT8, PackedBlocks.Way.FORWARD, outputs(), inputs()), outputs());
    this.backward = new Side(new PackedBlocks(ElementType.INT8, PackedBlocks.Way.BACKWARD, outputs(), inputs()), inputs());
  }

  /** Weights for one direction: integers, and scales of outputs or of inputs. */
  private static final class Side {
    private final PackedBlocks packed;
    private final int count;
    private float[] scales;
    private int version = -1;

    Side(PackedBlocks packed, int count) {
      this.packed = packed;
      this.count = count;
    }

    float[] scales() {
      if (scales == null) {
        scales = new float[count];
      }
      return scales;
    }

    long bytes() {
      return packed.bytes() + (scales == null ? 0 : (long) Float.BYTES * count);
    }
  }

  @Override
  public Matrix values() {
    return values;
  }

  @Override
  public long derivedBytes() {
    return forward.bytes() + backward.bytes();
  }

  @Override
  public RowBlocks outputBlocks() {
    return forward.packed.blocks();
  }

  @Override
  public void prepare(Team team, Pass pass) {
    int version = arithmetic.version();
    if (forward.version != version) {
      float[] scales = forward.scales();
      make(forward, team, (row, to, place) -> {
        scales[row] = Int8Rows.scale(Int8Rows.magnitude(values.bytes(), values.place(row, 0), inputs()));
        Int8Rows.round(values.bytes(), values.place(row, 0), Int8Rows.inverse(scales[row]), to, place, inputs());
      });
      forward.version = version;
    }
    if (pass.isTraining() && backward.version != version) {
      float[] inverses = scaleInputs(team);
      make(backward, team, (row, to, place) ->
          Int8Rows.round(values.bytes(), values.place(row, 0), inverses, to, place, inputs()));
      backward.version = version;
    }
  }

  /** Rounds a row of the weights. */
  private interface Rounding {
    void run(int row, ByteBuffer to, int place);
  }

  /** Rounds all rows, and packs them. */
  private void make(Side side, Team team, Rounding rounding) {
    HostMemory staging = arithmetic.staging();
    long mark = staging.mark();
    Int8Operand plain = Int8Operand.of(staging, Role.ACTIVATION, outputs(), inputs());
    RowBlocks rounded = RowBlocks.even(outputs(), ROUNDED_TOGETHER);
    team.run(rounded.count(), block -> {
      for (int i = rounded.start(block); i < rounded.end(block); i++) {
        rounding.run(i, plain.bytes(), plain.place(i, 0));
      }
    });
    RowBlocks blocks = side.packed.blocks();
    team.run(blocks.count(), block -> side.packed.pack(block, plain.rows(blocks.start(block), blocks.end(block)).product()));
    staging.release(mark);
  }

  /** Finds the backward scales, and returns their inverses. */
  private float[] scaleInputs(Team team) {
    RowBlocks blocks = RowBlocks.even(outputs(), ROUNDED_TOGETHER);
    int[][] most = new int[blocks.count()][inputs()];
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        Int8Rows.magnitudes(values.bytes(), values.place(i, 0), most[block], inputs());
      }
    });
    float[] scales = backward.scales();
    float[] inverses = new float[inputs()];
    for (int j = 0; j < inputs(); j++) {
      int magnitude = 0;
      for (int[] ofBlock : most) {
        magnitude = Math.max(magnitude, ofBlock[j]);
      }
      scales[j] = Int8Rows.scale(magnitude);
      inverses[j] = Int8Rows.inverse(scales[j]);
    }
    return inverses;
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    multiplyPanels((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forward.scales, first, columns));
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix bias, Matrix out) {
    multiplyPanels((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forward.scales, first, bias.bytes(), bias.place(0, first), columns));
  }

  private void multiplyPanels(Int8Operand x, int from, int to, Matrix out, Scaling scaling) {
    ProductRows rows = x.product();
    RowBlocks panels = forward.packed.blocks();
    for (int panel = from / panels.unit(); panel < panels.count() && panels.start(panel) < to; panel++) {
      int first = panels.start(panel);
      Matrix some = out.columns(first - from, panels.end(panel) - from);
      forward.packed.multiply(panel, rows, some, Primitives.Sum.NEW);
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
    RowBlocks pieces = backward.packed.blocks();
    int next = sum(rows, 0, dx);
    for (int i = 0; i < dx.rows(); i++) {
      Int8Rows.scale(dx.bytes(), dx.place(i, 0), rows.scale(i), backward.scales, 0, dx.columns());
    }
    while (next < pieces.count()) {
      Matrix sums = ThreadScratch.get().moreSums.matrix(dx.rows(), dx.columns());
      next = sum(rows, next, sums);
      for (int i = 0; i < dx.rows(); i++) {
        Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), rows.scale(i), backward.scales, 0, dx.bytes(), dx.place(i, 0), dx.columns());
      }
    }
  }

  /** Sums over the outputs from a piece on, of as many pieces as fit; returns the first that is left. */
  private int sum(Int8Operand dy, int firstPiece, Matrix sums) {
    RowBlocks pieces = backward.packed.blocks();
    int piece = firstPiece;
    while (piece < pieces.count() && pieces.end(piece) - pieces.start(firstPiece) <= Int8Products.LONGEST_INNER) {
      backward.packed.multiply(piece, dy.product().from(pieces.start(piece)), sums,
          piece == firstPiece ? Primitives.Sum.NEW : Primitives.Sum.ADDED);
      piece++;
    }
    return piece;
  }
}
