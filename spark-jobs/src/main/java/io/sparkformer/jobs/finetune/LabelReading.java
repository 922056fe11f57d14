package io.sparkformer.jobs.finetune;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.LabelNames;
import io.sparkformer.jobs.config.FinetuneSettings;
import io.sparkformer.jobs.table.NaturalOrder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the labels of tables mean.
 *
 * @param names of the classes; none for values
 */
record LabelReading(LabelNames names) implements Serializable {
  /** More than people label; keeps the driver's memory from being filled by a column of something else. */
  private static final int MOST_CLASSES = 10_000;
  private static final int SHOWN = 5;

  /**
   * The labels that the settings name, or else those of the training table.
   *
   * @throws InvalidInputException when the table has one class alone, or too many
   */
  static LabelReading of(FinetuneSettings settings, LabelledTable train) {
    if (settings.task() == FinetuneSettings.Task.REGRESSION) {
      return new LabelReading(LabelNames.VALUES);
    }
    if (!settings.labels().isEmpty()) {
      return new LabelReading(new LabelNames(settings.labels()));
    }
    List<String> found = new ArrayList<>(train.rows().map(LabelledTable.Labelled::label).distinct().take(MOST_CLASSES + 1));
    if (found.size() < 2 || found.size() > MOST_CLASSES) {
      throw new InvalidInputException("column %s of %s has %s; classification needs 2 to %,d%s".formatted(settings.labelColumn(),
          train.path(), found.size() < 2 ? found.size() + " different labels" : "more than %,d different labels".formatted(MOST_CLASSES),
          MOST_CLASSES, found.size() < 2 ? "" : "; for numbers set finetune.task = regression"));
    }
    found.sort(NaturalOrder::compare);
    return new LabelReading(new LabelNames(found));
  }

  /**
   * Checks that all labels of a table can be read.
   *
   * @throws InvalidInputException naming some that cannot
   */
  void check(LabelledTable table, String column) {
    List<String> bad = table.rows().map(LabelledTable.Labelled::label).filter(label -> number(label).isEmpty()).distinct().take(SHOWN);
    if (!bad.isEmpty()) {
      throw new InvalidInputException("column %s of %s holds labels that are %s: %s%s".formatted(column, table.path(),
          names.areValues() ? "no numbers" : "no classes of the training table or of finetune.labels", String.join(", ", bad),
          names.areValues() ? "" : "; the classes are " + String.join(", ", names.names().stream().limit(2L * SHOWN).toList())
              + (names.names().size() > 2 * SHOWN ? ", ..." : "")));
    }
  }

  /** The label as {@link io.sparkformer.data.shard.LabelledText} has it; empty for one that cannot be read. */
  OptionalInt number(String label) {
    if (names.areValues()) {
      return value(label);
    }
    int place = names.names().indexOf(label);
    if (place < 0 && label.matches("\\d{1,9}")) {
      place = Integer.parseInt(label);
    }
    return place >= 0 && place < names.names().size() ? OptionalInt.of(place) : OptionalInt.empty();
  }

  private static OptionalInt value(String label) {
    try {
      float value = Float.parseFloat(label);
      return Float.isFinite(value) ? OptionalInt.of(Float.floatToIntBits(value)) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
