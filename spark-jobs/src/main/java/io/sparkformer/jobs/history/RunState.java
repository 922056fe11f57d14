package io.sparkformer.jobs.history;

/** What has become of a run. */
public enum RunState {
  /** It has reported not long ago. */
  RUNNING("running"),
  /** It has reached one of its limits. */
  FINISHED("finished"),
  /** It was stopped on request, and can go on. */
  STOPPED("stopped"),
  /** It has ended with a failure. */
  FAILED("failed"),
  /** It has not ended, and is silent for longer than it should be. */
  LOST("lost");

  private final String text;

  RunState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
