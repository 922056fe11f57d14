package io.sparkformer.jobs.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Counts by name, a bar each. */
final class BarChart {
  private static final int WIDTH = 480;
  private static final int ROW = 22;
  private static final int LABEL = 130;
  private static final int NUMBER = 90;

  private final String title;
  private final List<Bar> bars = new ArrayList<>();

  private record Bar(String name, long count) {}

  BarChart(String title) {
    this.title = title;
  }

  BarChart with(String name, long count) {
    bars.add(new Bar(name, count));
    return this;
  }

  /** The chart as a figure; empty without any bar. */
  String html() {
    if (bars.isEmpty()) {
      return "";
    }
    long most = Math.max(1, bars.stream().mapToLong(Bar::count).max().orElseThrow());
    StringBuilder svg = new StringBuilder("<figure><figcaption>").append(Html.escape(title)).append("</figcaption>")
        .append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(bars.size() * ROW + 4).append("\" role=\"img\" aria-label=\"")
        .append(Html.escape(title)).append("\">");
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double length = (double) (WIDTH - LABEL - NUMBER) * bar.count() / most;
      svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"end\">%s</text>", LABEL - 8, i * ROW + 16,
          Html.escape(bar.name())));
      svg.append(String.format(Locale.ROOT, "<rect class=\"f0\" x=\"%d\" y=\"%d\" width=\"%s\" height=\"%d\"/>", LABEL, i * ROW + 4,
          Html.at(bar.count() > 0 ? Math.max(1, length) : 0), ROW - 6));
      svg.append(String.format(Locale.ROOT, "<text x=\"%s\" y=\"%d\">%,d</text>", Html.at(LABEL + length + 6), i * ROW + 16, bar.count()));
    }
    return svg.append("</svg></figure>\n").toString();
  }
}
