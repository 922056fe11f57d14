package io.sparkformer.jobs.page;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.LengthHistogram;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.evaluate.Bleu;
import io.sparkformer.jobs.history.Curve;
import io.sparkformer.jobs.history.RunHistory;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.trace.Phase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes a run's {@code report.html}. */
public final class ReportPage {
  /** In the training output. */
  public static final String FILE = "report.html";
  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);
  /** A page need not show every worker of hundreds. */
  private static final int MOST_WORKERS = 64;

  private final RunSources sources;
  private final RunHistory history;
  private final StringBuilder html = new StringBuilder();

  private ReportPage(RunSources sources) {
    this.sources = sources;
    this.history = sources.history();
  }

  /** Writes the page about a training output, over one that is there; returns false where there are no metrics to write about. */
  public static boolean write(Configuration hadoop, Path output) throws IOException {
    Optional<RunSources> sources = RunSources.read(hadoop, output);
    if (sources.isPresent()) {
      Path file = new Path(output, FILE);
      try (OutputStream out = file.getFileSystem(hadoop).create(file, true)) {
        out.write(new ReportPage(sources.get()).render().getBytes(StandardCharsets.UTF_8));
      }
    }
    return sources.isPresent();
  }

  private String render() throws IOException {
    String title = sources.settings().map(settings -> settings.card().title()).filter(text -> !text.isEmpty())
        .orElse(sources.output().getName());
    html.append(PageFrame.begin(title));
    addHead();
    addCurves();
    addWorkers();
    addSamples();
    sources.data().ifPresentOrElse(this::addData, () -> missing("Data", "The prepared folder cannot be read any more."));
    addEnergy();
    addMarks();
    sources.settings().ifPresentOrElse(this::addSettings, () -> missing("Settings", "No checkpoint has settings that can be read."));
    sources.lineage().ifPresentOrElse(this::addLineage, () -> missing("Lineage", "No checkpoint names it."));
    return html.append(PageFrame.END).toString();
  }

  private void missing(String section, String why) {
    html.append("<h2>").append(section).append("</h2>\n<p>").append(why).append("</p>\n");
  }

  private void addHead() {
    html.append("<p class=\"faint\">").append(Html.escape(history.state(System.currentTimeMillis()).text()));
    if (!history.lastWords().isEmpty()) {
      html.append(" (").append(Html.escape(history.lastWords())).append(')');
    }
    html.append("; begun ").append(MINUTE.format(Instant.ofEpochMilli(history.firstMillis()))).append("; ")
        .append(Html.escape(sources.output().toString())).append("</p>\n<div class=\"tiles\">");
    tile(String.format(Locale.ROOT, "%,d", history.step()), history.maxSteps() > 0
        ? String.format(Locale.ROOT, "steps of %,d", history.maxSteps()) : "steps");
    tile(history.durationText(), "from the first report to the last");
    history.best().ifPresent(best -> {
      tile(Html.number(best.path("nll").asDouble()),
          String.format(Locale.ROOT, "best validation loss, step %,d", best.path("step").asLong()));
      if (best.has("bleu")) {
        tile(Html.number(best.path("bleu").asDouble()), "BLEU there, first %d sentences".formatted(best.path("bleu_sentences").asInt()));
      }
    });
    last("training target_tokens_per_second").ifPresent(rate -> tile(Html.number(rate), "target tokens/s at the end"));
    tile(Integer.toString(history.workers().places().size()), "worker(s) of %d thread(s)".formatted(history.workers().threads()));
    html.append("</div>\n");
    if (history.best().isPresent() && history.best().get().has("bleu")) {
      html.append("<p class=\"faint\">BLEU of validations: greedy search, ").append(Html.escape(Bleu.STANDARD.signature()))
          .append("</p>\n");
    }
  }

  private void tile(String value, String what) {
    html.append("<div class=\"tile\"><b>").append(Html.escape(value)).append("</b><span>").append(Html.escape(what))
        .append("</span></div>");
  }

  private Optional<Double> last(String curve) {
    List<Curve.Point> points = history.curve(curve).points();
    return points.isEmpty() ? Optional.empty() : Optional.of(points.get(points.size() - 1).value());
  }

  private void addCurves() {
    html.append("<h2>Curves</h2>\n");
    if (!history.marks().isEmpty()) {
      html.append("<p class=\"faint\">Dashed lines are restarts, resumptions and skipped steps; they are listed below.</p>\n");
    }
    html.append("<div class=\"charts\">");
    chart("Loss, nats per target token").with("training, smoothed labels", history.curve("training loss"))
        .with("validation, smoothed labels", history.curve("validation loss"))
        .with("validation, plain", history.curve("validation nll")).to(html);
    chart("BLEU on validation sentences").with("BLEU", history.curve("validation bleu")).to(html);
    chart("Learning rate").with("rate", history.curve("training learning_rate")).to(html);
    chart("Norm of the gradient, before clipping").with("norm", history.curve("training gradient_norm")).to(html);
    chart("Target tokens per second, all workers").with("tokens/s", history.curve("training target_tokens_per_second")).to(html);
    chart("Memory of the first worker's process, bytes").with("bytes", history.curve("training resident_bytes")).to(html);
    LineChart time = chart("Share of all workers' time");
    for (Phase phase : Phase.values()) {
      time.with(phase.text(), history.curve("time " + phase.text()));
    }
    time.to(html);
    html.append("</div>\n");
  }

  private LineChart chart(String title) {
    return new LineChart(title, history.marks());
  }

  private void addWorkers() {
    List<Map<String, Double>> seconds = history.workers().seconds();
    if (seconds.isEmpty()) {
      return;
    }
    ShareChart chart = new ShareChart("Time of each worker, by what it did");
    for (int rank = 0; rank < Math.min(seconds.size(), MOST_WORKERS); rank++) {
      chart.with("worker " + rank, seconds.get(rank));
    }
    html.append("<h2>Workers</h2>\n<div class=\"charts\">").append(chart.html()).append("</div>\n<p class=\"faint\">");
    List<String> places = history.workers().places();
    for (int rank = 0; rank < Math.min(places.size(), MOST_WORKERS); rank++) {
      html.append(rank == 0 ? "" : "; ").append("worker ").append(rank).append(": ").append(Html.escape(places.get(rank)));
    }
    html.append(places.size() > MOST_WORKERS ? "; " + (places.size() - MOST_WORKERS) + " more" : "").append("</p>\n");
  }

  private void addSamples() {
    for (JsonNode validation : history.samples()) {
      html.append(String.format(Locale.ROOT, "<h2>Translations at step %,d</h2>\n", validation.path("step").asLong()))
          .append("<div class=\"scroll\"><table><tr><th>source</th><th>translation</th><th>reference</th></tr>\n");
      for (JsonNode sample : validation.path("samples")) {
        html.append("<tr>");
        for (String side : List.of("source", "translation", "reference")) {
          html.append("<td>").append(Html.escape(sample.path(side).asText())).append("</td>");
        }
        html.append("</tr>\n");
      }
      html.append("</table></div>\n");
    }
  }

  private void addData(ShardManifest data) {
    String examples = data.kind().text();
    html.append("<h2>Data</h2>\n<div class=\"scroll\"><table><tr><th></th><th>").append(examples).append("</th>");
    data.kind().tokenColumns()
        .forEach(column -> html.append("<th>").append(column.equals("tokens") ? column : column + " tokens").append("</th>"));
    html.append("<th>shards</th></tr>\n");
    for (DataPart part : DataPart.values()) {
      ShardSet shards = data.part(part);
      html.append(String.format(Locale.ROOT, "<tr><td>%s</td><td>%,d</td>", part.text(), shards.examples()));
      for (int column = 0; column < data.kind().tokenColumns().size(); column++) {
        html.append(String.format(Locale.ROOT, "<td>%,d</td>", shards.tokens(column)));
      }
      html.append(String.format(Locale.ROOT, "<td>%,d</td></tr>\n", shards.shards().size()));
    }
    html.append("</table></div>\n<div class=\"charts\">");
    BarChart cleaning = new BarChart("Training text: read, dropped by rule, kept").with("read", data.train().cleaning().read());
    data.train().cleaning().dropped().forEach(cleaning::with);
    html.append(cleaning.with("kept", data.train().cleaning().kept()).html());
    for (DataPart part : DataPart.values()) {
      LengthHistogram lengths = data.part(part).lengths();
      BarChart chart = new BarChart(examples.substring(0, 1).toUpperCase(Locale.ROOT) + examples.substring(1) + " by length in tokens, "
          + part.text());
      for (int i = 0; i < lengths.examples().size(); i++) {
        chart.with(i * lengths.bucketTokens() + " to " + ((i + 1) * lengths.bucketTokens() - 1), lengths.examples().get(i));
      }
      html.append(chart.html());
    }
    html.append("</div>\n");
  }

  private void addEnergy() {
    Energy energy = Energy.of(history.workers(), sources.settings().orElseGet(Settings::defaults).report());
    if (energy.kwh() > 0) {
      html.append("<h2>Energy</h2>\n<div class=\"tiles\">");
      tile(energy.kwh() < 1 ? Html.number(1000 * energy.kwh()) + " Wh" : Html.number(energy.kwh()) + " kWh", "energy");
      tile(Html.number(energy.grams()) + " g", "carbon dioxide");
      html.append("</div>\n<p class=\"faint\">").append(Html.escape(energy.source())).append(".</p>\n");
    }
  }

  private void addMarks() {
    if (history.marks().isEmpty()) {
      return;
    }
    html.append("<h2>What happened</h2>\n<div class=\"scroll\"><table><tr><th>step</th><th></th></tr>\n");
    history.marks().forEach(mark -> html.append(String.format(Locale.ROOT, "<tr><td>%,d</td><td>%s: %s</td></tr>\n", mark.step(),
        Html.escape(mark.kind()), Html.escape(mark.text()))));
    html.append("</table></div>\n");
  }

  private void addSettings(Settings settings) {
    html.append("<h2>Settings</h2>\n<p>Those that differ from the defaults:</p>\n<pre>")
        .append(Html.escape(String.join("\n", settings.differences()))).append("</pre>\n<details><summary>all settings</summary><pre>")
        .append(Html.escape(settings.lines(key -> true))).append("</pre></details>\n");
  }

  private void addLineage(Lineage lineage) {
    html.append("<h2>Lineage</h2>\n<p><code>").append(lineage.hash()).append("</code></p>\n<details><summary>")
        .append(lineage.inputs().size()).append(" inputs</summary><div class=\"scroll\"><table>\n");
    lineage.inputs().forEach((name, identity) -> html.append("<tr><td>").append(Html.escape(name)).append("</td><td><code>")
        .append(Html.escape(identity)).append("</code></td></tr>\n"));
    lineage.previous().forEach(hash -> html.append("<tr><td>lineage before</td><td><code>").append(hash).append("</code></td></tr>\n"));
    html.append("</table></div></details>\n");
  }
}
