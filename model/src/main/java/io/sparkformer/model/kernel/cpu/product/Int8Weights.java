package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import java.nio.ByteBuffer;

/**
 * The weights of a layer as 8-bit integers: for the forward product with a scale for each output, for the backward product with one for
 * each input, so that scales can be taken out of the sums. Each is made when a pass first needs it after an update.
 */
final class Int8Weights implements Arithmetic.Weights {
  /** Columns of a product that are made and scaled together, in a core's cache. */
  private static final int PIECE = 512;
  /** Outputs that a thread rounds at a time. */
  private static final int ROUNDED_TOGETHER = 64;
  /** Outputs of one part of a product. */
  private static final int FEWEST_OUTPUTS = 128;

  private final Int8Arithmetic arithmetic;
  private final Matrix values;
  private final Side forward = new Side();
  private final Side backward = new Side();

  Int8Weights(Int8Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
  }

  /** Weights for one direction: integers {@code [outputs, inputs]}, and scales of outputs or of inputs. */
  private static final class Side {
    private final Buffer memory = new Buffer();
    private Floats integers;
    private float[] scales;
    private int version = -1;

    long bytes() {
      return integers == null ? 0 : (long) Float.BYTES * (integers.length() + scales.length);
    }

    void reserve(Matrix values, int count) {
      if (integers == null) {
        integers = memory.floats(((long) values.rows() * values.columns() + Float.BYTES - 1) / Float.BYTES);
        scales = new float[count];
      }
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
    return new RowBlocks(outputs(), Math.max(1, outputs() / FEWEST_OUTPUTS), 1);
  }

  @Override
  public void prepare(Team team, Pass pass) {
    int version = arithmetic.version();
    boolean roundsForward = forward.version != version;
    boolean roundsBackward = pass.isTraining() && backward.version != version;
    if (!roundsForward && !roundsBackward) {
      return;
    }
    RowBlocks blocks = RowBlocks.even(outputs(), ROUNDED_TOGETHER);
    float[] inverses = roundsBackward ? scaleInputs(team, blocks) : null;
    if (roundsForward) {
      forward.reserve(values, outputs());
    }
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (roundsForward) {
          float scale = Int8Rows.scale(Int8Rows.magnitude(values.bytes(), values.place(i, 0), inputs()));
          forward.scales[i] = scale;
          Int8Rows.round(values.bytes(), values.place(i, 0), Int8Rows.inverse(scale), forward.integers.bytes(), i * inputs(), inputs());
        }
        if (roundsBackward) {
          Int8Rows.round(values.bytes(), values.place(i, 0), inverses, backward.integers.bytes(), i * inputs(), inputs());
        }
      }
    });
    forward.version = version;
    backward.version = roundsBackward ? version : backward.version;
  }

  /** Finds the backward scales, and returns their inverses. */
  private float[] scaleInputs(Team team, RowBlocks blocks) {
    backward.reserve(values, inputs());
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
      backward.scales[j] = Int8Rows.scale(magnitude);
      inverses[j] = Int8Rows.inverse(backward.scales[j]);
    }
    return inverses;
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    multiplyPieces((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forward.scales, first, columns));
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix bias, Matrix out) {
    multiplyPieces((Int8Operand) x, from, to, out, (scale, first, bytes, at, columns) ->
        Int8Rows.scale(bytes, at, scale, forward.scales, first, bias.bytes(), bias.place(0, first), columns));
  }

  private void multiplyPieces(Int8Operand x, int from, int to, Matrix out, Scaling scaling) {
    for (int first = from; first < to; first += PIECE) {
      Matrix piece = out.columns(first - from, Math.min(to, first + PIECE) - from);
      Int8Products.productWithTransposed(bytes(x, 0), new Int8Products.Bytes(forward.integers.address() + (long) first * inputs(),
          inputs()), inputs(), piece);
      for (int i = 0; i < piece.rows(); i++) {
        scaling.run(x.scale(i), first, piece.bytes(), piece.place(i, 0), piece.columns());
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
    for (int first = 0; first < inputs(); first += PIECE) {
      Matrix piece = dx.columns(first, Math.min(inputs(), first + PIECE));
      int inner = Math.min(outputs(), Int8Products.LONGEST_INNER);
      Int8Products.product(bytes(rows, 0), new Int8Products.Bytes(backward.integers.address() + first, inputs()), inner, piece);
      for (int i = 0; i < piece.rows(); i++) {
        Int8Rows.scale(piece.bytes(), piece.place(i, 0), rows.scale(i), backward.scales, first, piece.columns());
      }
      for (int from = inner; from < outputs(); from += Int8Products.LONGEST_INNER) {
        addBackward(rows, from, first, piece);
      }
    }
  }

  /** The part of the sum over the outputs from {@code from} on. */
  private void addBackward(Int8Operand rows, int from, int firstInput, Matrix piece) {
    int inner = Math.min(outputs() - from, Int8Products.LONGEST_INNER);
    Matrix sums = ThreadScratch.get().tail.matrix(piece.rows(), piece.columns());
    Int8Products.product(bytes(rows, from), new Int8Products.Bytes(backward.integers.address() + (long) from * inputs() + firstInput,
        inputs()), inner, sums);
    for (int i = 0; i < piece.rows(); i++) {
      Int8Rows.addScaled(sums.bytes(), sums.place(i, 0), rows.scale(i), backward.scales, firstInput, piece.bytes(), piece.place(i, 0),
          piece.columns());
    }
  }

  private static Int8Products.Bytes bytes(Int8Operand rows, int column) {
    return new Int8Products.Bytes(rows.address(0, column), rows.stride());
  }
}
