package io.sparkformer.jobs.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The scores of predicted labels.
 *
 * @param classes of classification
 * @param values of regression
 * @param unscored rows without label or prediction
 */
public record LabelReport(Optional<ConfusionTable> classes, Optional<ValueScores> values, long unscored) {
  /** More classes make no table that people read; JSON has all. */
  private static final int MOST_SHOWN = 20;

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    String without = unscored == 0 ? "" : String.format(Locale.ROOT, " (%,d more have no label or no prediction)", unscored);
    classes.ifPresent(table -> {
      lines.add(String.format(Locale.ROOT, "accuracy = %.2f %%, macro F1 = %.4f, Matthews correlation = %.4f; %,d rows%s",
          100 * table.accuracy(), table.macroF1(), table.matthews(), table.total(), without));
      if (table.classes().size() <= MOST_SHOWN) {
        addTable(lines, table);
      }
    });
    values.ifPresent(scores -> lines.add(String.format(Locale.ROOT, "Pearson correlation = %.4f, Spearman correlation = %.4f, mean squared "
        + "error = %.4f; %,d rows%s", scores.pearson(), scores.spearman(), scores.meanSquaredError(), scores.rows(), without)));
    return lines;
  }

  private static void addTable(List<String> lines, ConfusionTable table) {
    int width = Math.max(8, table.classes().stream().mapToInt(String::length).max().orElse(0));
    StringBuilder head = new StringBuilder(pad("", width));
    table.classes().forEach(name -> head.append("  ").append(padLeft(name, width)));
    lines.add("labels in rows, predictions in columns:");
    lines.add(head.append("        F1").toString());
    for (int i = 0; i < table.classes().size(); i++) {
      StringBuilder row = new StringBuilder(pad(table.classes().get(i), width));
      for (long count : table.counts()[i]) {
        row.append("  ").append(padLeft(String.format(Locale.ROOT, "%,d", count), width));
      }
      lines.add(row.append(String.format(Locale.ROOT, "  %8.4f", table.f1(i))).toString());
    }
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("unscored", unscored);
    classes.ifPresent(table -> {
      json.put("rows", table.total()).put("accuracy", table.accuracy()).put("macroF1", table.macroF1()).put("matthews", table.matthews());
      table.classes().forEach(json.putArray("classes")::add);
      json.putPOJO("confusion", table.counts());
    });
    values.ifPresent(scores -> json.put("rows", scores.rows()).put("pearson", scores.pearson()).put("spearman", scores.spearman())
        .put("meanSquaredError", scores.meanSquaredError()));
    return json;
  }
}
