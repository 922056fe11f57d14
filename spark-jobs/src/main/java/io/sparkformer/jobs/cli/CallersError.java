package io.sparkformer.jobs.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Standard error as the caller of a script gave it. submit-scripts/stderr.sh starts Java with a filter behind its own standard error, and
 * leaves the caller's open as another descriptor. {@code SPARKFORMER_STDERR} holds the number of the process and that of the descriptor,
 * {@code 4711:9}.
 */
final class CallersError {
  private static final String VARIABLE = "SPARKFORMER_STDERR";
  private static final Pattern PROCESS_AND_DESCRIPTOR = Pattern.compile("(\\d{1,18}):(\\d{1,9})");

  private CallersError() {
  }

  /** The stream of this process; empty where it was started in another way. */
  static Optional<PrintStream> open() {
    return open(System.getenv(VARIABLE));
  }

  /** @param variable null or the variable's value; a process that inherits another one's has no such descriptor */
  static Optional<PrintStream> open(String variable) {
    Matcher found = PROCESS_AND_DESCRIPTOR.matcher(variable == null ? "" : variable);
    if (!found.matches() || Long.parseLong(found.group(1)) != ProcessHandle.current().pid()) {
      return Optional.empty();
    }
    try {
      // There is no other way to a descriptor by its number: a path such as /dev/fd/9 opens the file again, with a position of its own.
      Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
      descriptor.setAccessible(true);
      FileOutputStream stream = new FileOutputStream(descriptor.newInstance(Integer.parseInt(found.group(2))));
      return Optional.of(new PrintStream(stream, true, StandardCharsets.UTF_8));
    } catch (ReflectiveOperationException | InaccessibleObjectException closed) {
      // This Java was started without Spark's options, which open java.io: its own standard error, behind the filter, will do.
      return Optional.empty();
    }
  }
}
