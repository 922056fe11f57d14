package io.sparkformer.jobs.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.history.RunHistory;
import io.sparkformer.jobs.pretrain.report.MetricsLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The runs below a folder, the latest first. */
final class RunTable {
  /** How far below the folder runs are looked for. */
  private static final int DEPTH = 3;
  private static final String ROW = "%-40s  %-8s  %17s  %9s  %6s  %10s";

  private final List<Row> rows;

  private record Row(String name, RunHistory history) {}

  private RunTable(List<Row> rows) {
    this.rows = rows;
  }

  static RunTable below(Configuration hadoop, Path folder) throws IOException {
    FileSystem fileSystem = folder.getFileSystem(hadoop);
    if (!fileSystem.exists(folder)) {
      throw new InvalidInputException("No runs at " + folder + ": there is no such folder");
    }
    List<Row> rows = new ArrayList<>();
    collect(hadoop, fileSystem, fileSystem.makeQualified(folder), folder.toString(), DEPTH, rows);
    rows.sort(Comparator.comparingLong((Row row) -> row.history().firstMillis()).reversed());
    return new RunTable(rows);
  }

  private static void collect(Configuration hadoop, FileSystem fileSystem, Path folder, String name, int depth, List<Row> rows)
      throws IOException {
    if (fileSystem.exists(new Path(folder, MetricsLog.FOLDER))) {
      Optional<RunHistory> history = RunHistory.read(hadoop, folder);
      history.ifPresent(found -> rows.add(new Row(name, found)));
    } else if (depth > 0) {
      for (FileStatus entry : fileSystem.listStatus(folder)) {
        String child = entry.getPath().getName();
        if (entry.isDirectory() && !child.startsWith(".")) {
          collect(hadoop, fileSystem, entry.getPath(), name + "/" + child, depth - 1, rows);
        }
      }
    }
  }

  List<String> lines(long nowMillis) {
    if (rows.isEmpty()) {
      return List.of("no runs");
    }
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, ROW, "run", "state", "step", "best loss", "BLEU", "duration"));
    for (Row row : rows) {
      RunHistory history = row.history();
      JsonNode best = history.best().orElse(null);
      lines.add(String.format(Locale.ROOT, ROW, row.name(), history.state(nowMillis).text(),
          String.format(Locale.ROOT, history.maxSteps() > 0 ? "%,d/%,d" : "%,d", history.step(), history.maxSteps()),
          best == null ? "-" : String.format(Locale.ROOT, "%.4f", best.path("nll").asDouble()),
          best == null || !best.has("bleu") ? "-" : String.format(Locale.ROOT, "%.2f", best.path("bleu").asDouble()),
          history.durationText()));
    }
    return lines;
  }
}
