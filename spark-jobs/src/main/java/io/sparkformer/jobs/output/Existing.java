package io.sparkformer.jobs.output;

/** What happens when an output is there already. */
public enum Existing {
  REFUSE, REPLACE;

  /** As the setting {@code overwrite} says. */
  public static Existing of(boolean overwrite) {
    return overwrite ? REPLACE : REFUSE;
  }
}
