package io.sparkformer.jobs.config;

/** A setting that cannot be used; the message is one line for a person: key, what was found, where, and what to do. */
public final class InvalidSettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String key;
  private final String beforePlace;
  private final String afterPlace;

  private InvalidSettingException(String key, String beforePlace, String place, String afterPlace) {
    super(beforePlace + place + afterPlace);
    this.key = key;
    this.beforePlace = beforePlace;
    this.afterPlace = afterPlace;
  }

  /** {@code Invalid train.accumulate: 0 (must be > 0)}. */
  static InvalidSettingException value(String key, Object found, String requirement) {
    return new InvalidSettingException(key, "Invalid " + key + ": " + found + " (" + requirement, "", ")");
  }

  /** A sentence about the setting, followed by the place where it was set and by a fix. */
  static InvalidSettingException problem(String key, String problem, String fix) {
    return new InvalidSettingException(key, problem, "", "; " + fix);
  }

  /** The same failure, saying where the value was set. */
  InvalidSettingException at(String place) {
    String shown = beforePlace.startsWith("Invalid ") ? "; " + place : " (" + place + ")";
    var placed = new InvalidSettingException(key, beforePlace, shown, afterPlace);
    placed.setStackTrace(getStackTrace());
    return placed;
  }

  /** The full key of the setting at fault, {@code train.accumulate}. */
  public String key() {
    return key;
  }
}
