package io.sparkformer.jobs.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What each row's whole is made of: a bar of full length each, divided by share. */
final class ShareChart {
  private static final int WIDTH = 480;
  private static final int ROW = 22;
  private static final int LABEL = 130;

  private final String title;
  private final List<Row> rows = new ArrayList<>();

  private record Row(String name, Map<String, Double> parts) {}

  ShareChart(String title) {
    this.title = title;
  }

  /** @param parts amounts by name; the same names in each row */
  ShareChart with(String name, Map<String, Double> parts) {
    rows.add(new Row(name, parts));
    return this;
  }

  /** The chart as a figure; empty without any row. */
  String html() {
    if (rows.isEmpty()) {
      return "";
    }
    StringBuilder svg = new StringBuilder("<figure><figcaption>").append(Html.escape(title));
    int key = 0;
    for (String part : rows.get(0).parts().keySet()) {
      svg.append(" <span class=\"key k").append(key++).append("\">").append(Html.escape(part)).append("</span>");
    }
    svg.append("</figcaption><svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(rows.size() * ROW + 4)
        .append("\" role=\"img\" aria-label=\"").append(Html.escape(title)).append("\">");
    for (int i = 0; i < rows.size(); i++) {
      addRow(svg, rows.get(i), i * ROW);
    }
    return svg.append("</svg></figure>\n").toString();
  }

  private static void addRow(StringBuilder svg, Row row, int y) {
    double whole = row.parts().values().stream().mapToDouble(Double::doubleValue).sum();
    svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"end\">%s</text>", LABEL - 8, y + 16, Html.escape(row.name())));
    double x = LABEL;
    int number = 0;
    for (Map.Entry<String, Double> part : row.parts().entrySet()) {
      double share = whole == 0 ? 0 : part.getValue() / whole;
      double width = share * (WIDTH - LABEL - 4);
      svg.append(String.format(Locale.ROOT, "<rect class=\"f%d\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s</title></rect>",
          number++, Html.at(x), y + 4, Html.at(width), ROW - 6,
          Html.escape(String.format(Locale.ROOT, "%s: %.1f %%", part.getKey(), 100 * share))));
      x += width;
    }
  }
}
