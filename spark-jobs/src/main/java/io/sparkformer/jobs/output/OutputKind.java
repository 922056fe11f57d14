package io.sparkformer.jobs.output;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What jobs write, and how one tells it from everything else. */
public enum OutputKind {
  /** One file. */
  TEXT("a file", null, null),
  /** A table as Spark writes it. */
  TABLE("a folder with nothing but a table's part files", Pattern.compile("_SUCCESS|part-\\d{5,}-[0-9a-f-]{36}.*"), "_SUCCESS"),
  /** Token shards as prepare writes them. */
  PREPARED("a folder with nothing but what prepare writes", Pattern.compile("manifest\\.json|" + Tokenizer.FILES
      + "|labels\\.json|(train|validation)(/(_attempt-\\d+-)?shard-\\d+\\.parquet)?"
      + "|held-out(/(source\\.txt|target\\.txt|text\\.jsonl))?"), "manifest.json"),
  /** A model as convert writes it. */
  MODEL("a folder with nothing but a model's files", Pattern.compile("config\\.json|model(-\\d{5}-of-\\d{5})?\\.safetensors"
      + "|model\\.safetensors\\.index\\.json|generation_config\\.json|README\\.md|" + Tokenizer.FILES), "config.json");

  private static final class Tokenizer {
    /** What may lie beside a {@code tokenizer.json}. */
    static final String FILES = "(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\\.json|(vocab|merges)\\.txt"
        + "|(tokenizer|spiece|sentencepiece\\.bpe)\\.model|(source|target)\\.spm|chat_template\\.jinja";
  }

  /** The file that Hadoop puts beside a local one. */
  private static final Pattern CHECKSUM = Pattern.compile("((?:.*/)?)\\.([^/]+)\\.crc");

  /** How far below their folder files of an output lie at most: {@code held-out/source.txt}. */
  private static final int DEEPEST = 2;

  private final String description;
  /** Paths below the folder, of files and of folders; null when the output is a file. */
  private final Pattern content;
  private final String seal;

  OutputKind(String description, Pattern content, String seal) {
    this.description = description;
    this.content = content;
    this.seal = seal;
  }

  String description() {
    return description;
  }

  /** The file of a folder that is written last: a folder without it is not whole. */
  Optional<String> seal() {
    return Optional.ofNullable(seal);
  }

  /** The folder that a job wrote as a whole and that this place is a part of; empty when there is none. */
  static Optional<Location> wholeAround(Configuration hadoop, Location place) throws IOException {
    FileSystem files = place.path().getFileSystem(hadoop);
    String name = place.path().getName();
    Path folder = place.path().getParent();
    for (int depth = 1; depth <= DEEPEST && folder != null; depth++) {
      for (OutputKind kind : values()) {
        if (kind.seal != null && kind.content.matcher(name).matches() && files.exists(new Path(folder, kind.seal))) {
          Location whole = new Location(place.fileSystem(), folder);
          if (kind.foreign(hadoop, whole).isEmpty()) {
            return Optional.of(whole);
          }
        }
      }
      name = folder.getName() + "/" + name;
      folder = folder.getParent();
    }
    return Optional.empty();
  }

  /** What at this place was not written by such a job, for people; empty when all of it was. */
  Optional<String> foreign(Configuration hadoop, Location place) throws IOException {
    if (content == null) {
      return place.isRegularFile(hadoop) ? Optional.empty()
          : Optional.of("it is " + (place.isFolder(hadoop) ? "a folder" : "no regular file"));
    }
    if (!place.isFolder(hadoop)) {
      return Optional.of("it is no folder");
    }
    return foreign(place.path().getFileSystem(hadoop), place.path(), "").map(name -> "it holds " + name);
  }

  private Optional<String> foreign(FileSystem files, Path folder, String prefix) throws IOException {
    for (FileStatus entry : files.listStatus(folder)) {
      String name = prefix + entry.getPath().getName();
      if (!content.matcher(CHECKSUM.matcher(name).replaceFirst("$1$2")).matches()) {
        return Optional.of(name);
      }
      if (entry.isDirectory()) {
        Optional<String> below = foreign(files, entry.getPath(), name + "/");
        if (below.isPresent()) {
          return below;
        }
      }
    }
    return Optional.empty();
  }
}
