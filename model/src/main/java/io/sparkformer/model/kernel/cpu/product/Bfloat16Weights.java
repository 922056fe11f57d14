package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/**
 * The weights of a layer, rounded to bfloat16 and packed for oneDNN, for the forward and for the backward product. Each is made when a pass
 * first needs it after an update.
 */
final class Bfloat16Weights implements Arithmetic.Weights {
  private final Bfloat16Arithmetic arithmetic;
  private final Matrix values;
  private final PackedBlocks forward;
  private final PackedBlocks backward;
  private int forwardVersion = -1;
  private int backwardVersion = -1;

  Bfloat16Weights(Bfloat16Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.forward = new PackedBlocks(ElementType.BFLOAT16, PackedBlocks.Way.FORWARD, outputs(), inputs());
    this.backward = new PackedBlocks(ElementType.BFLOAT16, PackedBlocks.Way.BACKWARD, outputs(), inputs());
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
    boolean packsForward = forwardVersion != version;
    boolean packsBackward = pass.isTraining() && backwardVersion != version;
    if (!packsForward && !packsBackward) {
      return;
    }
    long mark = arithmetic.staging().mark();
    Bfloat16Operand plain = Bfloat16Operand.of(arithmetic.staging(), outputs(), inputs());
    RowBlocks rounded = forward.blocks();
    team.run(rounded.count(), block -> plain.keep(values.rows(rounded.start(block), rounded.end(block)), rounded.start(block)));
    int backwardParts = packsBackward ? backward.blocks().count() : 0;
    team.run(backwardParts + (packsForward ? forward.blocks().count() : 0), part -> {
      PackedBlocks packed = part < backwardParts ? backward : forward;
      int block = part < backwardParts ? part : part - backwardParts;
      packed.pack(block, plain.rows(packed.blocks().start(block), packed.blocks().end(block)).product());
    });
    arithmetic.staging().release(mark);
    forwardVersion = version;
    backwardVersion = packsBackward ? version : backwardVersion;
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    ProductRows rows = ((Bfloat16Operand) x).product();
    RowBlocks panels = forward.blocks();
    for (int panel = from / panels.unit(); panel < panels.count() && panels.start(panel) < to; panel++) {
      int first = panels.start(panel);
      forward.multiply(panel, rows, out.columns(first - from, panels.end(panel) - from), Primitives.Sum.NEW);
    }
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    ProductRows rows = ((Bfloat16Operand) dy).product();
    for (int piece = 0; piece < backward.blocks().count(); piece++) {
      backward.multiply(piece, rows.from(backward.blocks().start(piece)), dx, piece == 0 ? Primitives.Sum.NEW : Primitives.Sum.ADDED);
    }
  }
}
