package io.sparkformer.jobs.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.pretrain.report.MetricsLog;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The metrics of a run, all starts of it put together: what a start did after the step from which the next one went on is left out. */
public final class RunHistory {
  /** A run that reports nothing for so long is lost; the longest silence is a validation or a wait for another worker. */
  private static final long SILENT_MILLIS = Duration.ofMinutes(15).toMillis();
  private static final int MOST_MARKS = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Curve> curves = new LinkedHashMap<>();
  private final List<Mark> marks = new ArrayList<>();
  private final WorkerTotals workers = new WorkerTotals();
  private long firstMillis;
  private long lastMillis;
  private long step;
  private long maxSteps;
  private long skippedSteps;
  private JsonNode firstSamples;
  private JsonNode lastSamples;
  private JsonNode best;
  private RunState ended;
  private String lastWords = "";

  /** Something that happened to the run at a step. */
  public record Mark(long step, String kind, String text) {}

  /** A file of metrics and the time of its first line. */
  private record MetricsFile(Path path, long firstMillis) {}

  private RunHistory() {}

  /** Reads the metrics of a training output; empty when there are none. */
  public static Optional<RunHistory> read(Configuration hadoop, Path output) throws IOException {
    FileSystem fileSystem = output.getFileSystem(hadoop);
    List<MetricsFile> files = new ArrayList<>();
    try {
      for (FileStatus file : fileSystem.listStatus(new Path(output, MetricsLog.FOLDER))) {
        if (file.getPath().getName().endsWith(".jsonl")) {
          firstTime(fileSystem, file).ifPresent(time -> files.add(new MetricsFile(file.getPath(), time)));
        }
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    files.sort(Comparator.comparingLong(MetricsFile::firstMillis).thenComparing(MetricsFile::path));
    RunHistory history = new RunHistory();
    for (MetricsFile file : files) {
      try (BufferedReader lines = open(fileSystem, file.path())) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          parse(line).ifPresent(history::add);
        }
      }
    }
    return Optional.of(history);
  }

  private static BufferedReader open(FileSystem fileSystem, Path file) throws IOException {
    return new BufferedReader(new InputStreamReader(fileSystem.open(file), StandardCharsets.UTF_8));
  }

  private static Optional<Long> firstTime(FileSystem fileSystem, FileStatus file) throws IOException {
    try (BufferedReader lines = open(fileSystem, file.getPath())) {
      String first = lines.readLine();
      // Lines of earlier versions have no time.
      return first == null ? Optional.empty() : parse(first).map(line -> line.path("time").asLong(file.getModificationTime()));
    }
  }

  /** The last line of a run that is still writing, or that was killed, may be half of one. */
  private static Optional<JsonNode> parse(String line) {
    try {
      JsonNode json = JSON.readTree(line);
      return json.isObject() ? Optional.of(json) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private void add(JsonNode line) {
    long time = line.path("time").asLong(lastMillis);
    firstMillis = firstMillis == 0 ? time : firstMillis;
    lastMillis = Math.max(lastMillis, time);
    switch (line.path("kind").asText()) {
      case "start" -> start(line);
      case "training" -> training(line);
      case "validation" -> validation(line);
      case "workers" -> workers.add(line);
      case "restart" -> mark(line.path("step").asLong(), "restart", line.path("text").asText());
      case "failure" -> {
        ended = RunState.FAILED;
        lastWords = line.path("text").asText();
      }
      case "end" -> {
        ended = line.path("ending").asText().equals("stopped") ? RunState.STOPPED : RunState.FINISHED;
        lastWords = line.path("text").asText();
      }
      default -> {
        // Checkpoints and notes are in the log.
      }
    }
  }

  private void start(JsonNode line) {
    long from = line.path("step").asLong();
    ended = null;
    lastWords = "";
    if (from > 0 || step > 0) {
      mark(from, "start", "went on from step " + from);
    }
    curves.values().forEach(curve -> curve.dropAfter(from));
    step = from;
    workers.start(line);
  }

  private void training(JsonNode line) {
    step = line.path("step").asLong();
    maxSteps = line.path("max_steps").asLong();
    for (String name : List.of("loss", "learning_rate", "gradient_norm", "target_tokens_per_second", "resident_bytes")) {
      point("training " + name, line.path(name));
    }
    line.path("time_shares").properties().forEach(share -> point("time " + share.getKey(), share.getValue()));
    long skipped = line.path("skipped_steps").asLong();
    if (skipped > skippedSteps) {
      mark(step, "skipped", (skipped - skippedSteps) + " skipped, loss or gradient not finite");
    }
    skippedSteps = skipped;
  }

  private void validation(JsonNode line) {
    step = Math.max(step, line.path("step").asLong());
    for (String name : List.of("loss", "nll", "perplexity", "bleu")) {
      curve("validation " + name).add(line.path("step").asLong(), line.path(name).asDouble(Double.NaN));
    }
    if (line.path("best").asBoolean()) {
      best = line;
    }
    if (!line.path("samples").isEmpty()) {
      firstSamples = firstSamples == null ? line : firstSamples;
      lastSamples = line;
    }
  }

  private void point(String name, JsonNode value) {
    curve(name).add(step, value.asDouble(Double.NaN));
  }

  private void mark(long at, String kind, String text) {
    if (marks.size() < MOST_MARKS) {
      marks.add(new Mark(at, kind, text));
    }
  }

  /** A curve by its name, {@code training loss}; empty when nothing was measured. */
  public Curve curve(String name) {
    return curves.computeIfAbsent(name, key -> new Curve());
  }

  /** Restarts, resumptions and skipped steps, at most 200. */
  public List<Mark> marks() {
    return List.copyOf(marks);
  }

  public WorkerTotals workers() {
    return workers;
  }

  /** @param nowMillis milliseconds since 1970 */
  public RunState state(long nowMillis) {
    return ended != null ? ended : nowMillis - lastMillis > SILENT_MILLIS ? RunState.LOST : RunState.RUNNING;
  }

  /** The reason why the run has ended, in its words; empty while it has not. */
  public String lastWords() {
    return lastWords;
  }

  /** Milliseconds since 1970 of the first line. */
  public long firstMillis() {
    return firstMillis;
  }

  /** From the first line to the last, pauses between starts included. */
  public Duration duration() {
    return Duration.ofMillis(lastMillis - firstMillis);
  }

  /** {@link #duration} for people. */
  public String durationText() {
    long s = duration().toSeconds();
    return s < 60 ? s + " s" : s < 3600 ? "%d:%02d min".formatted(s / 60, s % 60)
        : s < 86400 ? "%d:%02d h".formatted(s / 3600, s / 60 % 60) : "%d d %d h".formatted(s / 86400, s / 3600 % 24);
  }

  public long step() {
    return step;
  }

  /** The limit; 0 where nothing was reported. */
  public long maxSteps() {
    return maxSteps;
  }

  public long skippedSteps() {
    return skippedSteps;
  }

  /** The line of the best validation. */
  public Optional<JsonNode> best() {
    return Optional.ofNullable(best);
  }

  /** The lines of the first and of the last validation with translations; empty without any. */
  public List<JsonNode> samples() {
    return firstSamples == null ? List.of() : firstSamples == lastSamples ? List.of(lastSamples) : List.of(firstSamples, lastSamples);
  }
}
