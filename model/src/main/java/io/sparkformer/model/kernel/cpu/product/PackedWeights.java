package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/**
 * The weights of a layer, rounded to bfloat16 and packed for oneDNN: for the forward product in panels of outputs, for the backward
 * product in pieces of them. Each is made when a pass first needs it after an update.
 */
final class PackedWeights implements Arithmetic.Weights {
  private final Bfloat16Arithmetic arithmetic;
  private final Matrix values;
  private final PackedBlocks forward;
  private final PackedBlocks backward;

  PackedWeights(Bfloat16Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.forward = PackedBlocks.ofPanels(values.rows());
    this.backward = PackedBlocks.ofPieces(values.rows());
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
    return forward.blocks();
  }

  @Override
  public void prepare(Team team, Pass pass) {
    int version = arithmetic.version();
    boolean packsForward = !forward.isOf(version);
    boolean packsBackward = pass.isTraining() && !backward.isOf(version);
    if (!packsForward && !packsBackward) {
      return;
    }
    long mark = arithmetic.staging().mark();
    Bfloat16Operand plain = Bfloat16Operand.of(arithmetic.staging(), outputs(), inputs());
    team.run(forward.blocks().count(), block -> {
      int from = forward.blocks().start(block);
      plain.keep(values.rows(from, forward.blocks().end(block)), from);
    });
    int backwardParts = packsBackward ? backward.blocks().count() : 0;
    team.run(backwardParts + (packsForward ? forward.blocks().count() : 0), part -> {
      if (part < backwardParts) {
        packBackward(plain, part);
      } else {
        packForward(plain, part - backwardParts);
      }
    });
    arithmetic.staging().release(mark);
    forward.madeOf(version);
    if (packsBackward) {
      backward.madeOf(version);
    }
  }

  /** Some rows of {@code W}, seen as {@code W^T [inputs, outputs]}. */
  private void packForward(Bfloat16Operand plain, int panel) {
    int from = forward.blocks().start(panel);
    int outputs = forward.blocks().end(panel) - from;
    Primitives primitives = Primitives.bfloat16();
    primitives.reorder(new Primitives.Packing(inputs(), outputs, 1, plain.stride()), plain.address(from, 0),
        forward.memory(panel, primitives.packedBytes(inputs(), outputs)));
  }

  /** Some rows of {@code W [outputs, inputs]}. */
  private void packBackward(Bfloat16Operand plain, int piece) {
    int from = backward.blocks().start(piece);
    int outputs = backward.blocks().end(piece) - from;
    Primitives primitives = Primitives.bfloat16();
    primitives.reorder(new Primitives.Packing(outputs, inputs(), plain.stride(), 1), plain.address(from, 0),
        backward.memory(piece, primitives.packedBytes(outputs, inputs())));
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    Bfloat16Operand rows = (Bfloat16Operand) x;
    for (int panel = forward.indexOf(from); panel < forward.blocks().count() && forward.blocks().start(panel) < to; panel++) {
      int first = forward.blocks().start(panel);
      forward.multiply(Primitives.bfloat16(), rows, panel, out.columns(first - from, forward.blocks().end(panel) - from),
          Primitives.Sum.NEW);
    }
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    Bfloat16Operand rows = (Bfloat16Operand) dy;
    for (int piece = 0; piece < backward.blocks().count(); piece++) {
      backward.multiply(Primitives.bfloat16(), rows.columns(backward.blocks().start(piece), backward.blocks().end(piece)), piece, dx,
          piece == 0 ? Primitives.Sum.NEW : Primitives.Sum.ADDED);
    }
  }
}
