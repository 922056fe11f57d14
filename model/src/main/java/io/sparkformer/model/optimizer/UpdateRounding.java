package io.sparkformer.model.optimizer;

/** Has the last word on updated parameters. */
@FunctionalInterface
public interface UpdateRounding {
  /** Parameters stay as they are computed. */
  UpdateRounding NONE = (from, before, after, count) -> { };

  /**
   * Called for some elements at a time, by all threads that share the update.
   *
   * @param from place of the first element within the slice
   * @param before the first {@code count} are the parameters that were
   * @param after the first {@code count} are those to be stored, and may be changed
   */
  void round(long from, float[] before, float[] after, int count);
}
