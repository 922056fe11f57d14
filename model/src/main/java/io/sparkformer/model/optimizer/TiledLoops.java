package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FloatRegion;
import java.util.Arrays;
import java.util.List;

/** Copies a few elements of each array at a time to where the JIT compiler vectorizes plain loops: runs everywhere. */
final class TiledLoops implements UpdateLoops {
  static final int TILE_LENGTH = 4096;
  static final int LANES = 64;

  private static final ThreadLocal<Tile> TILE = ThreadLocal.withInitial(Tile::new);

  private static final class Tile {
    private final float[] a = new float[TILE_LENGTH];
    private final float[] b = new float[TILE_LENGTH];
    private final float[] c = new float[TILE_LENGTH];
    private final float[] d = new float[TILE_LENGTH];
    private final float[] lanes = new float[LANES];
  }

  @Override
  public void add(List<FloatRegion> summands, FloatRegion sum, long from, long to) {
    Tile tile = TILE.get();
    for (long start = from; start < to; start += TILE_LENGTH) {
      int count = (int) Math.min(TILE_LENGTH, to - start);
      summands.get(0).read(start, tile.a, count);
      for (int i = 1; i < summands.size(); i++) {
        summands.get(i).read(start, tile.b, count);
        add(tile.b, tile.a, count);
      }
      sum.write(start, tile.a, count);
    }
  }

  private static void add(float[] summand, float[] sum, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += summand[i];
    }
  }

  @Override
  public double squares(FloatRegion values, long from, long to) {
    Tile tile = TILE.get();
    double sum = 0;
    for (long start = from; start < to; start += TILE_LENGTH) {
      int count = (int) Math.min(TILE_LENGTH, to - start);
      values.read(start, tile.a, count);
      sum += squares(tile.a, count, tile.lanes);
    }
    return sum;
  }

  private static double squares(float[] values, int count, float[] lanes) {
    Arrays.fill(lanes, 0);
    int whole = count - count % LANES;
    for (int start = 0; start < whole; start += LANES) {
      addSquares(values, start, lanes);
    }
    double sum = sum(lanes);
    for (int i = whole; i < count; i++) {
      sum += (double) values[i] * values[i];
    }
    return sum;
  }

  private static void addSquares(float[] values, int start, float[] lanes) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] += values[start + lane] * values[start + lane];
    }
  }

  /** Of all lanes, first to last. */
  static double sum(float[] lanes) {
    double sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    return sum;
  }

  @Override
  public void adam(FloatRegion parameters, FloatRegion gradient, FloatRegion firstMoment, FloatRegion secondMoment, long from, long to,
      AdamFactors factors) {
    Tile tile = TILE.get();
    for (long start = from; start < to; start += TILE_LENGTH) {
      int count = (int) Math.min(TILE_LENGTH, to - start);
      parameters.read(start, tile.a, count);
      gradient.read(start, tile.b, count);
      firstMoment.read(start, tile.c, count);
      secondMoment.read(start, tile.d, count);
      adam(tile.a, tile.b, tile.c, tile.d, count, factors);
      parameters.write(start, tile.a, count);
      firstMoment.write(start, tile.c, count);
      secondMoment.write(start, tile.d, count);
    }
  }

  private static void adam(float[] parameter, float[] gradient, float[] first, float[] second, int count, AdamFactors factors) {
    float scale = factors.scale();
    float beta1 = factors.beta1();
    float rest1 = factors.rest1();
    float beta2 = factors.beta2();
    float rest2 = factors.rest2();
    float stepSize = factors.stepSize();
    float correction = factors.correction();
    float epsilon = factors.epsilon();
    float kept = factors.kept();
    for (int i = 0; i < count; i++) {
      float g = gradient[i] * scale;
      float m = beta1 * first[i] + rest1 * g + AdamFactors.FLUSH - AdamFactors.FLUSH;
      float v = beta2 * second[i] + rest2 * g * g + AdamFactors.FLUSH - AdamFactors.FLUSH;
      first[i] = m;
      second[i] = v;
      parameter[i] = parameter[i] * kept - stepSize * m / ((float) Math.sqrt(v) * correction + epsilon);
    }
  }
}
