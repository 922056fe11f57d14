package io.sparkformer.jobs.page;

import io.sparkformer.jobs.history.Curve;
import io.sparkformer.jobs.history.RunHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Curves over the steps of a run, with what happened to it as marks. */
final class LineChart {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 240;
  private static final int LEFT = 54;
  private static final int RIGHT = 24;
  private static final int TOP = 10;
  private static final int BOTTOM = 26;
  /** More points than pixels show nothing. */
  private static final int MOST_POINTS = 300;
  /** Curves of fewer points show each, with its value. */
  private static final int DOTS = 60;

  private final String title;
  private final List<Series> series = new ArrayList<>();
  private final List<RunHistory.Mark> marks;

  private record Series(String name, List<Curve.Point> points) {}

  LineChart(String title, List<RunHistory.Mark> marks) {
    this.title = title;
    this.marks = marks;
  }

  /** Adds a curve, unless it has no points. */
  LineChart with(String name, Curve curve) {
    if (!curve.isEmpty()) {
      series.add(new Series(name, thinned(curve.points())));
    }
    return this;
  }

  private static List<Curve.Point> thinned(List<Curve.Point> points) {
    int stride = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (stride <= 1) {
      return points;
    }
    List<Curve.Point> thinned = new ArrayList<>();
    for (int i = 0; i < points.size(); i += stride) {
      List<Curve.Point> group = points.subList(i, Math.min(i + stride, points.size()));
      thinned.add(new Curve.Point(group.get(group.size() - 1).step(),
          group.stream().mapToDouble(Curve.Point::value).average().orElseThrow()));
    }
    return thinned;
  }

  /** Appends the chart to a page, unless it is empty. */
  void to(StringBuilder page) {
    page.append(html());
  }

  /** The chart as a figure; empty without any point. */
  String html() {
    if (series.isEmpty()) {
      return "";
    }
    double least = all().mapToDouble(Curve.Point::value).min().orElseThrow();
    double most = all().mapToDouble(Curve.Point::value).max().orElseThrow();
    long last = all().mapToLong(Curve.Point::step).max().orElseThrow();
    Scale x = Scale.around(0, Math.max(1, last), LEFT, WIDTH - RIGHT);
    Scale y = Scale.around(least, most, HEIGHT - BOTTOM, TOP);
    StringBuilder svg = new StringBuilder("<figure><figcaption>").append(Html.escape(title)).append(legend()).append("</figcaption>")
        .append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(HEIGHT).append("\" role=\"img\" aria-label=\"")
        .append(Html.escape(title)).append("\">");
    addAxes(svg, x, y);
    addMarks(svg, x);
    for (int i = 0; i < series.size(); i++) {
      addCurve(svg, series.get(i), i, x, y);
    }
    return svg.append("</svg></figure>\n").toString();
  }

  private Stream<Curve.Point> all() {
    return series.stream().flatMap(each -> each.points().stream());
  }

  private String legend() {
    if (series.size() == 1) {
      return "";
    }
    StringBuilder legend = new StringBuilder();
    for (int i = 0; i < series.size(); i++) {
      legend.append(" <span class=\"key k").append(i).append("\">").append(Html.escape(series.get(i).name())).append("</span>");
    }
    return legend.toString();
  }

  private static void addAxes(StringBuilder svg, Scale x, Scale y) {
    for (double tick : y.ticks()) {
      svg.append(String.format(Locale.ROOT, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>", LEFT, WIDTH - RIGHT,
          Html.at(y.at(tick)), Html.at(y.at(tick))));
      svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%s\" class=\"end\">%s</text>", LEFT - 6, Html.at(y.at(tick) + 4),
          Html.number(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(String.format(Locale.ROOT, "<text x=\"%s\" y=\"%d\" class=\"mid\">%s</text>", Html.at(x.at(tick)), HEIGHT - 8,
          Html.number(tick)));
    }
  }

  private void addMarks(StringBuilder svg, Scale x) {
    for (RunHistory.Mark mark : marks) {
      svg.append(String.format(Locale.ROOT, "<line class=\"mark %s\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"><title>%s</title></line>",
          mark.kind(), Html.at(x.at(mark.step())), Html.at(x.at(mark.step())), TOP, HEIGHT - BOTTOM,
          Html.escape(String.format(Locale.ROOT, "step %,d: %s", mark.step(), mark.text()))));
    }
  }

  private static void addCurve(StringBuilder svg, Series curve, int number, Scale x, Scale y) {
    svg.append("<polyline class=\"c").append(number).append("\" points=\"");
    curve.points().forEach(point -> svg.append(Html.at(x.at(point.step()))).append(',').append(Html.at(y.at(point.value()))).append(' '));
    svg.append("\"/>");
    if (curve.points().size() <= DOTS) {
      curve.points().forEach(point -> svg.append(String.format(Locale.ROOT,
          "<circle class=\"d%d\" cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s</title></circle>", number, Html.at(x.at(point.step())),
          Html.at(y.at(point.value())), Html.escape(String.format(Locale.ROOT, "%s at step %,d: %s", curve.name(), point.step(),
              Html.number(point.value()))))));
    }
  }
}
