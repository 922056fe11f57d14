package io.sparkformer.data.shard;

import java.util.Locale;

/**
 * The two parts of a prepared folder; each has its shards in a folder of its own.
 */
public enum DataPart {

  /** Training data; its shards hold the examples in random order. */
  TRAIN,

  /** Validation data; its shards hold the examples in the order of the text. */
  VALIDATION;

  /**
   * Name of the part in settings, in the manifest and as a folder: {@code train}, {@code validation}.
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
