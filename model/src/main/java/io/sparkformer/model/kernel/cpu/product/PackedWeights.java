package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;
import java.util.Arrays;
import java.util.Objects;

/**
 * The weights of a layer, rounded to bfloat16 and packed for oneDNN: for the forward product in panels of outputs, for the backward
 * product in pieces of them. Each is made when a pass first needs it after an update.
 *
 * <p>A product has a multiple of 32 rows. The last rows are read together with padding, and their results pass through scratch memory.
 * So an element is always the same sum in the same order, and depends on its row and column only.
 */
final class PackedWeights implements Arithmetic.Weights {
  /** Outputs of one forward panel. */
  private static final int PANEL = 256;
  /** Outputs of one backward piece, where a layer has more than twice as many: the table of a vocabulary. */
  private static final int PIECE = 1024;
  private static final int LARGEST_ROWS = 256;

  private final Bfloat16Arithmetic arithmetic;
  private final Matrix values;
  private final Packed forward;
  private final Packed backward;

  PackedWeights(Bfloat16Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.forward = new Packed(RowBlocks.of(values.rows(), PANEL, PANEL));
    this.backward = new Packed(values.rows() <= 2 * PIECE ? RowBlocks.of(values.rows(), 2 * PIECE) : RowBlocks.of(values.rows(), PIECE));
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
    return forward.blocks;
  }

  @Override
  public void prepare(Team team, Pass pass) {
    int version = arithmetic.version();
    boolean packsForward = forward.version != version;
    boolean packsBackward = pass.isTraining() && backward.version != version;
    if (!packsForward && !packsBackward) {
      return;
    }
    long mark = arithmetic.staging().mark();
    Bfloat16Operand plain = Bfloat16Operand.of(arithmetic.staging(), outputs(), inputs());
    team.run(forward.blocks.count(), block -> {
      int from = forward.blocks.start(block);
      plain.keep(values.rows(from, forward.blocks.end(block)), from);
    });
    int backwardParts = packsBackward ? backward.blocks.count() : 0;
    team.run(backwardParts + (packsForward ? forward.blocks.count() : 0), part -> {
      if (part < backwardParts) {
        packBackward(plain, part);
      } else {
        packForward(plain, part - backwardParts);
      }
    });
    arithmetic.staging().release(mark);
    forward.version = version;
    backward.version = packsBackward ? version : backward.version;
  }

  /** Some rows of {@code W}, seen as {@code W^T [inputs, outputs]}. */
  private void packForward(Bfloat16Operand plain, int panel) {
    int from = forward.blocks.start(panel);
    int outputs = forward.blocks.end(panel) - from;
    Primitives primitives = Primitives.ofThread();
    primitives.reorder(new Primitives.Packing(inputs(), outputs, 1, plain.stride()), plain.address(from, 0),
        forward.memory(panel, primitives.packedBytes(inputs(), outputs)));
  }

  /** Some rows of {@code W [outputs, inputs]}. */
  private void packBackward(Bfloat16Operand plain, int piece) {
    int from = backward.blocks.start(piece);
    int outputs = backward.blocks.end(piece) - from;
    Primitives primitives = Primitives.ofThread();
    primitives.reorder(new Primitives.Packing(outputs, inputs(), plain.stride(), 1), plain.address(from, 0),
        backward.memory(piece, primitives.packedBytes(outputs, inputs())));
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    Bfloat16Operand rows = (Bfloat16Operand) x;
    for (int panel = forward.indexOf(from); panel < forward.blocks.count() && forward.blocks.start(panel) < to; panel++) {
      int first = forward.blocks.start(panel);
      multiply(rows, forward.memory[panel].address(), out.columns(first - from, forward.blocks.end(panel) - from), Primitives.Sum.NEW);
    }
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    Bfloat16Operand rows = (Bfloat16Operand) dy;
    for (int piece = 0; piece < backward.blocks.count(); piece++) {
      multiply(rows.columns(backward.blocks.start(piece), backward.blocks.end(piece)), backward.memory[piece].address(), dx,
          piece == 0 ? Primitives.Sum.NEW : Primitives.Sum.ADDED);
    }
  }

  private static void multiply(Bfloat16Operand x, long weights, Matrix out, Primitives.Sum sum) {
    Primitives primitives = Primitives.ofThread();
    int whole = x.rows() - x.rows() % RowBlocks.UNIT;
    for (int from = 0; from < whole; from += LARGEST_ROWS) {
      int rows = Math.min(LARGEST_ROWS, whole - from);
      primitives.multiply(new Primitives.Product(rows, out.columns(), x.columns(), x.stride(), out.stride(), sum), x.address(from, 0),
          weights, address(out, from));
    }
    if (whole < x.rows()) {
      Matrix last = out.rows(whole, x.rows());
      Matrix padded = ThreadScratch.get().tail.matrix(RowBlocks.UNIT, out.columns());
      if (sum == Primitives.Sum.ADDED) {
        copyRows(last, padded, last.rows());
      }
      primitives.multiply(new Primitives.Product(RowBlocks.UNIT, out.columns(), x.columns(), x.stride(), padded.stride(), sum),
          x.address(whole, 0), weights, address(padded, 0));
      copyRows(padded, last, last.rows());
    }
  }

  private static void copyRows(Matrix from, Matrix to, int rows) {
    for (int i = 0; i < rows; i++) {
      DropoutRows.copyRow(from.rows(0, rows), to, i);
    }
  }

  private static long address(Matrix matrix, int row) {
    return matrix.memory().address() + (long) Float.BYTES * matrix.place(row, 0);
  }

  /** The packed blocks of outputs for products in one direction. */
  private static final class Packed {
    private final RowBlocks blocks;
    private final Floats[] memory;
    private int version = -1;

    Packed(RowBlocks blocks) {
      this.blocks = blocks;
      this.memory = new Floats[blocks.count()];
    }

    int indexOf(int output) {
      return output / blocks.unit();
    }

    long bytes() {
      return Arrays.stream(memory).filter(Objects::nonNull).mapToLong(block -> (long) Float.BYTES * block.length()).sum();
    }

    /** The address of a block's memory, which is there from the first time on. */
    long memory(int block, long bytes) {
      if (memory[block] == null) {
        memory[block] = Floats.allocate((bytes + Float.BYTES - 1) / Float.BYTES);
      }
      return memory[block].address();
    }
  }
}
