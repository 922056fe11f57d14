package io.sparkformer.jobs.pretrain.report;

import java.util.Locale;

/**
 * Something that whoever does not look at a run should know.
 *
 * @param step the last one that was reported
 * @param text one line for people
 */
public record RunEvent(Kind kind, long step, String text) {
  /** What has happened. */
  public enum Kind {
    /** A limit was reached, or the run was stopped on request. */
    FINISHED,
    /** The run has ended with a failure. */
    FAILED,
    /** The run goes on from its last checkpoint after a failure. */
    RESTARTED,
    /** Updates were skipped. */
    SKIPPED;

    /** The name that messages use. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
