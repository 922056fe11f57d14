package io.sparkformer.jobs.config;

import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code explain} group; base.conf says what each value means.
 *
 * @param target text that is explained; empty: what the model says itself
 * @param prefix null: the model's
 */
public record ExplainSettings(ModelChoice model, Path input, Optional<Path> target, OutputSettings page, String prefix, int maxLines,
    int maxTokens, int maxNewTokens, int maxPageMegabytes) {

  public ExplainSettings {
    Limits.positive("explain.max-lines", maxLines);
    Limits.atLeast("explain.max-tokens", maxTokens, 2);
    Limits.positive("explain.max-new-tokens", maxNewTokens);
    Limits.positive("explain.max-page-megabytes", maxPageMegabytes);
    Limits.require(!page.path().toString().equals("-"), "explain.output", "-", "must be a file");
  }

  static ExplainSettings from(SettingValues values) {
    return new ExplainSettings(
        new ModelChoice(values.neededPath("explain.model"), 1, ComputeSettings.from(values)),
        values.neededPath("explain.input"),
        values.path("explain.target"),
        values.output("explain.output", "explain.overwrite"),
        values.text("explain.prefix").orElse(null),
        values.integer("explain.max-lines"),
        values.integer("explain.max-tokens"),
        values.integer("explain.max-new-tokens"),
        values.integer("explain.max-page-megabytes"));
  }
}
