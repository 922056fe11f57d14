package io.sparkformer.jobs.model;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.hub.GenerationConfig;

/** The groups of a diverse beam, as the settings say, and where they do not, as the model's files do. */
public final class ChosenGroups {
  private static final double DIVERSITY = 0.5;

  private ChosenGroups() {}

  /**
   * Divides the beam of a search.
   *
   * @param group of the settings, for messages
   * @param groups null where the settings do not say it
   * @param diversity null where the settings do not say it
   * @throws InvalidInputException the groups do not divide the beam
   */
  public static DecodingOptions of(DecodingOptions options, String group, Integer groups, Double diversity, GenerationConfig model) {
    Chosen<Integer> count = Chosen.of(groups, model.groups(), 1, model);
    if (options.beam() % count.value() != 0) {
      throw new InvalidInputException("Invalid %s.groups: %s (must divide the beam, %d)".formatted(group, count, options.beam()));
    }
    double strength = Chosen.of(diversity, model.diversity(), DIVERSITY, model).value();
    return count.value() == 1 ? options : options.withGroups(count.value(), strength);
  }

  /** For the log; empty for a beam that is not divided. */
  public static String line(DecodingOptions options) {
    return options.groups() == 1 ? "" : " in %d groups of diversity %s".formatted(options.groups(), options.diversity());
  }
}
