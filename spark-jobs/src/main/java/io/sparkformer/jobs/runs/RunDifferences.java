package io.sparkformer.jobs.runs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.history.RunHistory;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What two runs differ in: results, settings and other inputs. */
final class RunDifferences {
  private final Side one;
  private final Side other;

  private record Side(Path output, RunHistory history, Map<String, String> settings, Map<String, String> inputs) {
    static Side read(Configuration hadoop, Path output) throws IOException {
      RunHistory history = RunHistory.read(hadoop, output)
          .orElseThrow(() -> new InvalidInputException(output + " is no training output: it has no metrics"));
      Optional<Checkpoint> newest = new CheckpointStore(hadoop, output).newestUnverified();
      return new Side(output, history, newest.isPresent() ? settings(newest.get()) : Map.of(),
          newest.isPresent() ? inputs(newest.get()) : Map.of());
    }

    private static Map<String, String> settings(Checkpoint checkpoint) throws IOException {
      Map<String, String> settings = new LinkedHashMap<>();
      try {
        Settings.parse(checkpoint.runConfiguration(), checkpoint.path() + "/run.conf").lines(key -> true).lines()
            .forEach(line -> settings.put(line.substring(0, line.indexOf(" = ")), line.substring(line.indexOf(" = ") + 3)));
      } catch (InvalidSettingException e) {
        throw new InvalidInputException("The settings of " + checkpoint.path() + " cannot be read: " + e.getMessage(), e);
      }
      return settings;
    }

    private static Map<String, String> inputs(Checkpoint checkpoint) throws IOException {
      Optional<String> lineage = checkpoint.document(Lineage.FILE);
      return lineage.isEmpty() ? Map.of() : Lineage.fromJson(new ObjectMapper().readTree(lineage.get())).inputs();
    }

    private String result() {
      String best = history.best().map(validation -> String.format(Locale.ROOT, ", best validation loss %.4f at step %,d",
          validation.path("nll").asDouble(), validation.path("step").asLong())).orElse("");
      return String.format(Locale.ROOT, "%s: %s, step %,d%s, %s", output, history.state(System.currentTimeMillis()).text(),
          history.step(), best, history.durationText());
    }
  }

  private RunDifferences(Side one, Side other) {
    this.one = one;
    this.other = other;
  }

  static RunDifferences of(Configuration hadoop, Path one, Path other) throws IOException {
    return new RunDifferences(Side.read(hadoop, one), Side.read(hadoop, other));
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(List.of("1: " + one.result(), "2: " + other.result()));
    lines.add("settings that differ:");
    lines.addAll(differences(one.settings(), other.settings()));
    lines.add("inputs that differ:");
    lines.addAll(differences(one.inputs(), other.inputs()));
    return lines;
  }

  private static List<String> differences(Map<String, String> first, Map<String, String> second) {
    Set<String> names = new LinkedHashSet<>(first.keySet());
    names.addAll(second.keySet());
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      String left = first.getOrDefault(name, "(none)");
      String right = second.getOrDefault(name, "(none)");
      if (!left.equals(right)) {
        lines.add("  %s: %s | %s".formatted(name, left, right));
      }
    }
    return lines.isEmpty() ? List.of("  none") : lines;
  }
}
