package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.FloatRegion.Window;
import io.sparkformer.model.memory.VectorMemory;
import java.nio.ByteBuffer;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Works on the memory itself by the Vector API, all arrays side by side: an element is read and written once, and the processor loads the
 * next ones meanwhile. Twice as fast as copies into tiles.
 */
final class VectorLoops implements UpdateLoops {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int STEP = F.vectorByteSize();
  /** Where a region's memory ends and goes on elsewhere. */
  private static final UpdateLoops SEAM = new TiledLoops();
  private static final ThreadLocal<float[]> LANES = ThreadLocal.withInitial(() -> new float[TiledLoops.LANES]);
  /** The regions, not their windows: they own the memory. */
  private static final ThreadLocal<FloatRegion> PARTIAL = ThreadLocal.withInitial(() -> FloatRegion.allocate(TiledLoops.TILE_LENGTH));

  @Override
  public void add(List<FloatRegion> summands, FloatRegion sum, long from, long to) {
    for (long start = from; start < to; start += TiledLoops.TILE_LENGTH) {
      addTile(summands, sum, start, (int) Math.min(TiledLoops.TILE_LENGTH, to - start));
    }
  }

  private static void addTile(List<FloatRegion> summands, FloatRegion sum, long start, int count) {
    Window target = sum.window(start, start + count);
    Window so = summands.get(0).window(start, start + count);
    boolean seam = target == null || so == null;
    for (int i = 1; i < summands.size() && !seam; i++) {
      Window next = summands.get(i).window(start, start + count);
      seam = next == null;
      if (!seam) {
        // The sum may be one of the summands: it is written last.
        Window into = i == summands.size() - 1 ? target : PARTIAL.get().window(0, count);
        add(so.bytes(), so.at(), next.bytes(), next.at(), into.bytes(), into.at(), count * Float.BYTES);
        so = into;
      }
    }
    if (seam || summands.size() == 1) {
      SEAM.add(summands, sum, start, start + count);
    }
  }

  private static void add(ByteBuffer a, int aAt, ByteBuffer b, int bAt, ByteBuffer sum, int sumAt, int bytes) {
    int i = 0;
    for (; i <= bytes - STEP; i += STEP) {
      VectorMemory.store(load(a, aAt + i).add(load(b, bAt + i)), sum, sumAt + i);
    }
    for (; i < bytes; i += Float.BYTES) {
      sum.putFloat(sumAt + i, a.getFloat(aAt + i) + b.getFloat(bAt + i));
    }
  }

  @Override
  public double squares(FloatRegion values, long from, long to) {
    double sum = 0;
    for (long start = from; start < to; start += TiledLoops.TILE_LENGTH) {
      int count = (int) Math.min(TiledLoops.TILE_LENGTH, to - start);
      Window window = values.window(start, start + count);
      sum += window == null ? SEAM.squares(values, start, start + count) : squares(window.bytes(), window.at(), count);
    }
    return sum;
  }

  private static double squares(ByteBuffer values, int at, int count) {
    float[] lanes = LANES.get();
    int whole = count - count % TiledLoops.LANES;
    // Four vectors of sums at a time; narrow ones go over the tile again for the lanes that are left.
    for (int lane = 0; lane < TiledLoops.LANES; lane += 4 * F.length()) {
      squares(values, at + lane * Float.BYTES, whole * Float.BYTES, lanes, lane);
    }
    double sum = TiledLoops.sum(lanes);
    for (int i = whole; i < count; i++) {
      double value = values.getFloat(at + i * Float.BYTES);
      sum += value * value;
    }
    return sum;
  }

  private static void squares(ByteBuffer values, int at, int bytes, float[] lanes, int lane) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector d = FloatVector.zero(F);
    for (int i = 0; i < bytes; i += TiledLoops.LANES * Float.BYTES) {
      FloatVector v = load(values, at + i);
      FloatVector w = load(values, at + i + STEP);
      FloatVector x = load(values, at + i + 2 * STEP);
      FloatVector y = load(values, at + i + 3 * STEP);
      a = a.add(v.mul(v));
      b = b.add(w.mul(w));
      c = c.add(x.mul(x));
      d = d.add(y.mul(y));
    }
    a.intoArray(lanes, lane);
    b.intoArray(lanes, lane + F.length());
    c.intoArray(lanes, lane + 2 * F.length());
    d.intoArray(lanes, lane + 3 * F.length());
  }

  @Override
  public void adam(FloatRegion parameters, FloatRegion gradient, FloatRegion firstMoment, FloatRegion secondMoment, long from, long to,
      AdamFactors factors) {
    Window p = parameters.window(from, to);
    Window g = gradient.window(from, to);
    Window m = firstMoment.window(from, to);
    Window v = secondMoment.window(from, to);
    if (p == null || g == null || m == null || v == null) {
      SEAM.adam(parameters, gradient, firstMoment, secondMoment, from, to, factors);
      return;
    }
    int bytes = (int) (to - from) * Float.BYTES;
    int whole = bytes - bytes % STEP;
    adam(p.bytes(), p.at(), g.bytes(), g.at(), m.bytes(), m.at(), v.bytes(), v.at(), whole, factors);
    long rest = from + whole / Float.BYTES;
    if (rest < to) {
      SEAM.adam(parameters, gradient, firstMoment, secondMoment, rest, to, factors);
    }
  }

  /** Operations as in {@link TiledLoops}, one by one: a fused multiplication and addition would round otherwise. */
  private static void adam(ByteBuffer parameters, int pAt, ByteBuffer gradient, int gAt, ByteBuffer firstMoment, int mAt,
      ByteBuffer secondMoment, int vAt, int bytes, AdamFactors factors) {
    FloatVector scale = FloatVector.broadcast(F, factors.scale());
    FloatVector beta1 = FloatVector.broadcast(F, factors.beta1());
    FloatVector rest1 = FloatVector.broadcast(F, factors.rest1());
    FloatVector beta2 = FloatVector.broadcast(F, factors.beta2());
    FloatVector rest2 = FloatVector.broadcast(F, factors.rest2());
    FloatVector stepSize = FloatVector.broadcast(F, factors.stepSize());
    FloatVector correction = FloatVector.broadcast(F, factors.correction());
    FloatVector epsilon = FloatVector.broadcast(F, factors.epsilon());
    FloatVector flush = FloatVector.broadcast(F, AdamFactors.FLUSH);
    FloatVector kept = FloatVector.broadcast(F, factors.kept());
    for (int i = 0; i < bytes; i += STEP) {
      FloatVector g = load(gradient, gAt + i).mul(scale);
      FloatVector m = beta1.mul(load(firstMoment, mAt + i)).add(rest1.mul(g)).add(flush).sub(flush);
      FloatVector v = beta2.mul(load(secondMoment, vAt + i)).add(rest2.mul(g).mul(g)).add(flush).sub(flush);
      VectorMemory.store(m, firstMoment, mAt + i);
      VectorMemory.store(v, secondMoment, vAt + i);
      FloatVector p = load(parameters, pAt + i).mul(kept).sub(stepSize.mul(m).div(v.sqrt().mul(correction).add(epsilon)));
      VectorMemory.store(p, parameters, pAt + i);
    }
  }

  private static FloatVector load(ByteBuffer values, int at) {
    return VectorMemory.floats(F, values, at);
  }
}
