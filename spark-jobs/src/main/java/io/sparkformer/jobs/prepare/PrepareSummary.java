package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * What a run of prepare did, for a person to read.
 *
 * @param output the folder that was written
 * @param manifest its manifest
 * @param words whitespace-separated words of the training pairs, both sides
 * @param seconds how long it took
 */
public record PrepareSummary(Path output, ShardManifest manifest, long words, double seconds) {

  /**
   * Tokens for a word of training text; 0 if there is none.
   */
  public double tokensPerWord() {
    return words == 0 ? 0 : (double) (manifest.train().sourceTokens() + manifest.train().targetTokens()) / words;
  }

  /**
   * The summary, line by line.
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "prepared %s in %.1f s", output, seconds));
    addPart(lines, "training", manifest.train());
    addPart(lines, "validation", manifest.validation());
    lines.add(String.format(Locale.ROOT, "  %-11s %,d entries, %.2f tokens per word",
      "vocabulary", manifest.vocabularySize(), tokensPerWord()));
    return lines;
  }

  /** The rules that dropped any pair, each with its count. */
  static String dropped(CleaningReport report) {
    List<String> rules = new ArrayList<>();
    for (Map.Entry<String, Long> rule : report.dropped().entrySet()) {
      if (rule.getValue() > 0) {
        rules.add(String.format(Locale.ROOT, "%s %,d", rule.getKey(), rule.getValue()));
      }
    }
    return rules.isEmpty() ? "none" : String.join(", ", rules);
  }

  private static void addPart(List<String> lines, String name, ShardSet part) {
    lines.add(String.format(Locale.ROOT, "  %-11s %,d of %,d pairs kept, %,d source and %,d target tokens, %,d %s", name,
      part.pairs(), part.cleaning().read(), part.sourceTokens(), part.targetTokens(), part.shards().size(),
      part.shards().size() == 1 ? "shard" : "shards"));
    lines.add(String.format(Locale.ROOT, "  %-11s %s", "  dropped", dropped(part.cleaning())));
  }
}
