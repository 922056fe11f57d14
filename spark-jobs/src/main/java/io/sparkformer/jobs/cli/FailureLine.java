package io.sparkformer.jobs.cli;

import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.sql.AnalysisException;

/**
 * The line that a person reads when a job fails.
 *
 * <p>Readable failures are ours (any exception type of io.sparkformer, and IllegalArgumentException and IllegalStateException thrown
 * by our code), a file that is not there, exists or is forbidden, and what Spark SQL says of a table. They are found inside what
 * Spark wraps around them, even where it kept only their text. Anything else is unexpected: its line names the type, and the log
 * tells the rest.
 *
 * @param text without {@code error:}, on one line
 * @param expected whether the line alone tells the person what to do
 */
public record FailureLine(String text, boolean expected) {
  private static final String OURS = "io.sparkformer.";
  /** Spark keeps only the text of what failed a barrier stage: type, message, then the first frame of the stack. */
  private static final Pattern QUOTED = Pattern.compile(
      "(io\\.sparkformer\\.[\\w.$]+|java\\.lang\\.Illegal(?:Argument|State)Exception): (.+)\\R\\s+at (?:[\\w.]+/{1,2})?([\\w.$]+)");
  private static final Pattern FULL_DISK = Pattern.compile("No space left on device|Disk quota exceeded");
  private static final int CHAIN_LIMIT = 50;

  /** Of anything that was thrown. */
  public static FailureLine of(Throwable thrown) {
    Throwable each = thrown;
    for (int depth = 0; each != null && depth < CHAIN_LIMIT; depth++) {
      Optional<String> readable = readable(each);
      if (readable.isPresent()) {
        return new FailureLine(oneLine(readable.get()), true);
      }
      each = each.getCause();
    }
    return unexpected(thrown);
  }

  private static Optional<String> readable(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof InvalidInputException || e.getClass().getName().startsWith(OURS) || isThrownByUs(e)) {
      return Optional.of(message);
    }
    if (e instanceof AnalysisException) {
      // [PATH_NOT_FOUND] Path does not exist: file:/x. SQLSTATE: 42K03
      return Optional.of(message.lines().findFirst().orElse("").replaceFirst("^\\[[A-Z_.]+] ", "")
          .replaceFirst("\\.? SQLSTATE: \\w+.*$", ""));
    }
    if (e instanceof NoSuchFileException) {
      return Optional.of(message + " does not exist");
    }
    if (e instanceof FileNotFoundException || e instanceof FileAlreadyExistsException || e instanceof AccessControlException
        || e instanceof UnsupportedFileSystemException) {
      return Optional.of(message);
    }
    Matcher quoted = QUOTED.matcher(message);
    return quoted.find() && (quoted.group(1).startsWith(OURS) || quoted.group(3).startsWith(OURS))
        ? Optional.of(quoted.group(2)) : Optional.empty();
  }

  private static boolean isThrownByUs(Throwable e) {
    boolean plain = e.getClass() == IllegalArgumentException.class || e.getClass() == IllegalStateException.class;
    StackTraceElement[] stack = e.getStackTrace();
    return plain && stack.length > 0 && stack[0].getClassName().startsWith(OURS);
  }

  private static FailureLine unexpected(Throwable thrown) {
    Throwable deepest = thrown;
    for (int depth = 0; deepest.getCause() != null && depth < CHAIN_LIMIT; depth++) {
      deepest = deepest.getCause();
    }
    String message = String.valueOf(deepest.getMessage());
    if (deepest instanceof OutOfMemoryError && (message.contains("heap") || message.contains("GC overhead"))) {
      return new FailureLine("out of memory (" + message + "); give the driver more with "
          + "SPARKFORMER_DRIVER_MEMORY=8g, or executors with --executor-memory", true);
    }
    Optional<String> full = message.lines().filter(line -> FULL_DISK.matcher(line).find()).findFirst();
    if (full.isPresent()) {
      return new FailureLine("the disk is full (" + oneLine(full.get()) + "); make room where the output and Spark's temporary files "
          + "(spark.local.dir, /tmp) are, or choose other places", true);
    }
    if (deepest.getMessage() == null) {
      return new FailureLine("unexpected " + deepest.getClass().getSimpleName(), false);
    }
    String first = message.lines().findFirst().orElse("");
    return new FailureLine("unexpected " + deepest.getClass().getSimpleName() + ": " + oneLine(first), false);
  }

  /** A text without its line breaks. */
  public static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
