package io.sparkformer.jobs.config;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The {@code finetune} group; base.conf says what each value means.
 *
 * @param secondColumn of the second text of a pair; empty where there is one text
 * @param labels names of the classes by their numbers; empty for those of the training table
 * @param maxLength most tokens of a text or pair; 0: as many as the network accepts
 */
public record FinetuneSettings(long seed, TableSettings train, Optional<TableSettings> validation, String column,
    Optional<String> secondColumn, String labelColumn, Task task, List<String> labels, int maxLength) {

  /** What is learnt of a text. */
  public enum Task { CLASSIFICATION, REGRESSION }

  public FinetuneSettings {
    labels = List.copyOf(labels);
    Limits.require(!labelColumn.equals(column) && !secondColumn.equals(Optional.of(labelColumn)), "finetune.label-column", labelColumn,
        "must differ from the columns of text");
    Limits.require(!secondColumn.equals(Optional.of(column)), "finetune.second-column", column, "must differ from finetune.column");
    Limits.require(labels.size() != 1 && new HashSet<>(labels).size() == labels.size(), "finetune.labels", labels,
        "must be at least two different names");
    Limits.require(labels.isEmpty() || task == Task.CLASSIFICATION, "finetune.labels", labels,
        "must be empty for finetune.task = regression");
    Limits.notNegative("finetune.max-length", maxLength);
  }

  static FinetuneSettings from(SettingValues values) {
    values.neededPath("train.from");
    return new FinetuneSettings(
        values.wide("seed"),
        TableSettings.of(values, "finetune", "finetune.train", values.neededPath("finetune.train")),
        values.path("finetune.validation").map(path -> TableSettings.of(values, "finetune", "finetune.validation", path)),
        values.needed("finetune.column"),
        values.text("finetune.second-column").filter(name -> !name.isBlank()),
        values.needed("finetune.label-column"),
        values.choice("finetune.task", Task.values()),
        values.names("finetune.labels"),
        values.integer("finetune.max-length"));
  }
}
