package io.sparkformer.model.architecture;

/** A value of a network's description that cannot be used; the message names key, value and what would do. */
public final class InvalidValueException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String key;
  private final String found;
  private final String requirement;

  /** {@code Invalid heads: 7 (must divide d-model, 512; try 8)}. */
  InvalidValueException(String key, Object found, String requirement) {
    this("Invalid %s: %s (%s)".formatted(key, found, requirement), key, found, requirement);
  }

  InvalidValueException(String message, String key, Object found, String requirement) {
    super(message);
    this.key = key;
    this.found = String.valueOf(found);
    this.requirement = requirement;
  }

  /** The key in the description's own words: {@code heads}, {@code n_head}. */
  public String key() {
    return key;
  }

  public String found() {
    return found;
  }

  /** What a value must be: {@code must be > 0}. */
  public String requirement() {
    return requirement;
  }
}
