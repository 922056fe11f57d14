package io.sparkformer.jobs.translate;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.data.InvalidInputException;
import java.util.Map;
import java.util.TreeMap;

/** What a model wants to read before every sentence: T5's {@code translate English to German: }. */
public final class SourcePrefix {
  private SourcePrefix() {}

  /**
   * The prefix that is set, or the one of the model's {@code task_specific_params}; a space stands between it and the sentence.
   *
   * @param key of the setting
   * @param set its value: null for none; empty text: no prefix, whatever the model says
   * @param config the model's {@code config.json}
   * @return empty for no prefix
   * @throws InvalidInputException listing the prefixes, when the model has several and none is set
   */
  public static String of(String key, String set, JsonNode config) {
    if (set != null) {
      return spaced(set);
    }
    Map<String, String> byTask = new TreeMap<>();
    config.path("task_specific_params").fields().forEachRemaining(task -> {
      String prefix = task.getValue().path("prefix").asText("");
      if (!prefix.isBlank()) {
        byTask.put(task.getKey(), prefix.strip());
      }
    });
    if (byTask.size() > 1) {
      throw new InvalidInputException(key + " is not set, and the model's config.json has several: " + byTask
          + "; set one of them, or \"\" for none");
    }
    return byTask.values().stream().findFirst().map(SourcePrefix::spaced).orElse("");
  }

  private static String spaced(String prefix) {
    return prefix.isBlank() ? "" : prefix.strip() + " ";
  }
}
