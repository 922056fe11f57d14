package io.sparkformer.jobs.prepare;

import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

/**
 * What a run of prepare did, for a person to read.
 *
 * @param output the folder that was written
 * @param manifest its manifest
 * @param words whitespace-separated words of the training text
 * @param seconds how long it took
 * @param notes further lines
 */
public record PrepareSummary(Path output, ShardManifest manifest, long words, double seconds, List<String> notes) {

  /**
   * Tokens for a word of training text; 0 if there is none.
   */
  public double tokensPerWord() {
    return words == 0 ? 0 : (double) manifest.train().tokens() / words;
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
    notes.forEach(note -> lines.add("  " + note));
    return lines;
  }

  private void addPart(List<String> lines, String name, ShardSet part) {
    boolean pairs = manifest.kind() == ExampleKind.SENTENCE_PAIRS;
    String tokens = pairs ? String.format(Locale.ROOT, "%,d source and %,d target tokens", part.tokens(0), part.tokens(1))
      : String.format(Locale.ROOT, "%,d tokens in %,d rows", part.tokens(0) - part.examples(), part.examples());
    lines.add(String.format(Locale.ROOT, "  %-11s %,d of %,d %s kept, %s, %,d %s", name, part.cleaning().kept(), part.cleaning().read(),
      pairs ? "pairs" : "documents", tokens, part.shards().size(), part.shards().size() == 1 ? "shard" : "shards"));
    lines.add(String.format(Locale.ROOT, "  %-11s %s", "  dropped", part.cleaning().droppedText()));
    if (!part.cleaning().removedLines().isEmpty()) {
      lines.add(String.format(Locale.ROOT, "  %-11s %s", "  lines", part.cleaning().removedLinesText()));
    }
  }
}
