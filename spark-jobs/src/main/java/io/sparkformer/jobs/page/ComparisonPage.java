package io.sparkformer.jobs.page;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.history.RunHistory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes a page with the curves of two runs, one over the other. */
public final class ComparisonPage {
  /** A curve and what it is called for people. */
  private record Measure(String curve, String title) {}

  private static final List<Measure> MEASURES = List.of(
      new Measure("training loss", "Training loss, smoothed labels"),
      new Measure("validation nll", "Validation loss, plain"),
      new Measure("validation bleu", "BLEU on validation sentences"),
      new Measure("training learning_rate", "Learning rate"),
      new Measure("training gradient_norm", "Norm of the gradient"),
      new Measure("training target_tokens_per_second", "Target tokens per second"));

  private ComparisonPage() {}

  /** @throws InvalidInputException when one of the folders has no metrics */
  public static void write(Configuration hadoop, Path one, Path other, Path file) throws IOException {
    RunHistory first = history(hadoop, one);
    RunHistory second = history(hadoop, other);
    StringBuilder html = new StringBuilder(PageFrame.begin(one.getName() + " and " + other.getName())).append("<div class=\"charts\">");
    for (Measure measure : MEASURES) {
      html.append(new LineChart(measure.title(), List.of()).with("1: " + one, first.curve(measure.curve()))
          .with("2: " + other, second.curve(measure.curve())).html());
    }
    html.append("</div>\n").append(PageFrame.END);
    try (OutputStream out = file.getFileSystem(hadoop).create(file, true)) {
      out.write(html.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static RunHistory history(Configuration hadoop, Path output) throws IOException {
    return RunHistory.read(hadoop, output)
        .orElseThrow(() -> new InvalidInputException(output + " is no training output: it has no metrics"));
  }
}
