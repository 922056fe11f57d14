package io.sparkformer.jobs.model;

import io.sparkformer.model.hub.GenerationConfig;

/**
 * A value for a search, and where it comes from: the settings, or where they do not say it the model's files, or nobody.
 *
 * @param source for the log: the model's file, when it is from there; else empty
 */
public record Chosen<T>(T value, String source) {

  /**
   * Chooses.
   *
   * @param set null where the settings do not say it
   * @param ofModel null where the model's files do not say it
   */
  public static <T> Chosen<T> of(T set, T ofModel, T otherwise, GenerationConfig model) {
    return set != null ? new Chosen<>(set, "") : ofModel != null ? new Chosen<>(ofModel, " (" + model.source() + ")")
        : new Chosen<>(otherwise, "");
  }

  @Override
  public String toString() {
    return value + source;
  }
}
