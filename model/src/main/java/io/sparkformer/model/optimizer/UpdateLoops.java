package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FloatRegion;
import java.util.List;

/**
 * The loops over flat arrays of which an update consists, for one thread. All implementations give the same result to the last bit, and
 * it does not depend on where a range begins or ends except for {@link #squares}.
 */
public interface UpdateLoops {
  /** The fastest that this JVM can run. */
  static UpdateLoops fastest() {
    return Fastest.LOOPS;
  }

  /** Holder of the choice, which loads the Vector API only where it is. */
  final class Fastest {
    private static final UpdateLoops LOOPS = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? new VectorLoops() : new TiledLoops();

    private Fastest() {}
  }

  /**
   * Adds regions, in their order, in float32: {@code sum[i] = summands[0][i] + summands[1][i] + ...} for {@code i} in
   * {@code [from, to)}.
   *
   * @param summands at least one
   * @param sum may be one of them
   */
  void add(List<FloatRegion> summands, FloatRegion sum, long from, long to);

  /**
   * The sum of the squares of {@code values[from, to)}: {@value TiledLoops#LANES} lanes in float32 over every
   * {@value TiledLoops#TILE_LENGTH} elements, these in double precision. Not finite when an element is not.
   */
  double squares(FloatRegion values, long from, long to);

  /** One update of the elements {@code [from, to)} of four arrays, all but the gradient in place. */
  void adam(FloatRegion parameters, FloatRegion gradient, FloatRegion firstMoment, FloatRegion secondMoment, long from, long to,
      AdamFactors factors);
}
