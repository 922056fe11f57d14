package io.sparkformer.model.checkpoint;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.Adam;

/**
 * What a checkpoint holds of one owner's optimizer.
 *
 * @param range the slice of the flat array
 * @param firstMoment {@code [slice]}
 * @param secondMoment {@code [slice]}
 * @param updates how many were made
 * @param parameters {@code [slice]} the parameters of the last update, where the checkpoint's model is their average; null elsewhere
 */
public record OptimizerState(FlatRange range, FloatRegion firstMoment, FloatRegion secondMoment, long updates, FloatRegion parameters) {
  /** The optimizer's own memory: it must not update while this is written. */
  public static OptimizerState of(Adam adam) {
    return of(adam, adam.range());
  }

  /**
   * As {@link #of(Adam)}, for a part of what the optimizer updates.
   *
   * @param slice within the optimizer's range
   */
  public static OptimizerState of(Adam adam, FlatRange slice) {
    long from = slice.from() - adam.range().from();
    return new OptimizerState(slice, adam.firstMoment().slice(from, from + slice.length()),
        adam.secondMoment().slice(from, from + slice.length()), adam.updates(), null);
  }

  /** The same with the slice of some parameters. */
  public OptimizerState with(FloatRegion allParameters) {
    return new OptimizerState(range, firstMoment, secondMoment, updates, allParameters.slice(range));
  }

  /**
   * A copy, in the memory of an earlier one.
   *
   * @param before a copy of the same slice, which is not used any more; null to take new memory
   */
  public OptimizerState copy(OptimizerState before) {
    return new OptimizerState(range, copy(firstMoment, before == null ? null : before.firstMoment),
        copy(secondMoment, before == null ? null : before.secondMoment), updates,
        parameters == null ? null : copy(parameters, before == null ? null : before.parameters));
  }

  private static FloatRegion copy(FloatRegion region, FloatRegion before) {
    FloatRegion copy = before == null ? FloatRegion.allocate(region.length()) : before;
    copy.copyFrom(region);
    return copy;
  }
}
