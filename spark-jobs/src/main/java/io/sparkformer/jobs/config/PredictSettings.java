package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code predict} group; base.conf says what each value means.
 *
 * @param texts what is read and written
 * @param header as {@link TableSettings#header}
 * @param secondColumn of the second text of a pair; empty where there is one text
 * @param maxLength most tokens of a text or pair; 0: as many as the network accepts
 */
public record PredictSettings(ModelChoice model, SentenceSettings texts, List<String> header, Optional<String> secondColumn,
    String probabilitiesColumn, int maxLength, int batchTokens) implements Serializable {

  public PredictSettings {
    header = List.copyOf(header);
    Limits.require(!probabilitiesColumn.equals(texts.outputColumn()), "predict.probabilities-column", probabilitiesColumn,
        "must differ from predict.output-column");
    Limits.require(!secondColumn.equals(Optional.of(texts.column())), "predict.second-column", texts.column(),
        "must differ from predict.column");
    Limits.require(secondColumn.isEmpty() || !texts.isText(), "predict.second-column", secondColumn.orElse(""),
        "must be null for format text, which has one text a line");
    Limits.notNegative("predict.max-length", maxLength);
    Limits.positive("predict.batch-tokens", batchTokens);
  }

  static PredictSettings from(SettingValues values) {
    Path input = values.neededPath("predict.input");
    String set = values.needed("predict.format");
    String format = set.equals("auto") ? TableSettings.ofName(input.getName()).orElse("text") : set;
    return new PredictSettings(
        ModelChoice.from(values, "predict"),
        new SentenceSettings("predict", input, values.output("predict.output", "predict.overwrite"), format,
            values.needed("predict.column"), values.needed("predict.output-column")),
        format.equals("text") ? List.of() : TableSettings.of(values, "predict", "predict.input", input).header(),
        values.text("predict.second-column").filter(name -> !name.isBlank()),
        values.needed("predict.probabilities-column"),
        values.integer("predict.max-length"),
        values.integer("predict.batch-tokens"));
  }
}
