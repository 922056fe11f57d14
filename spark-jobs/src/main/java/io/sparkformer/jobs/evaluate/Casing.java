package io.sparkformer.jobs.evaluate;

import java.util.Locale;

/** Whether upper and lower case count as different. */
public enum Casing {

  /** They do. */
  MIXED("mixed"),
  /** Texts are compared in lower case. */
  LOWERCASE("lc");

  private final String signature;

  Casing(String signature) {
    this.signature = signature;
  }

  /** Its name in a metric's signature. */
  public String signature() {
    return signature;
  }

  String apply(String text) {
    return this == LOWERCASE ? text.toLowerCase(Locale.ROOT) : text;
  }
}
