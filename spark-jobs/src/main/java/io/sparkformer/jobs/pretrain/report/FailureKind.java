package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.parameterserver.DivergedException;
import io.sparkformer.jobs.transport.TransportException;
import io.sparkformer.model.hub.DamagedFileException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.security.AccessControlException;

/** What the failure of a worker means for the run; decided where it happens, by its type and those of its causes. */
public enum FailureKind {
  /** The next attempt would fail in the same way: settings, data, mathematics, a mistake in the program, a refusal by a file system. */
  HOPELESS,
  /** May pass: whatever is not known to be hopeless. How often it is tried again has a limit. */
  TRANSIENT,
  /** Only says that another worker failed, was lost or is slow, or that this one was stopped. */
  CONSEQUENCE;

  private static final int CHAIN_LIMIT = 50;

  static FailureKind of(Throwable failure) {
    Throwable each = failure;
    for (int depth = 0; each != null && depth < CHAIN_LIMIT; depth++) {
      if (isHopeless(each)) {
        return HOPELESS;
      }
      if (each instanceof TransportException || each instanceof InterruptedException || each instanceof ClosedByInterruptException) {
        return CONSEQUENCE;
      }
      each = each.getCause();
    }
    return TRANSIENT;
  }

  private static boolean isHopeless(Throwable e) {
    return e instanceof InvalidInputException || e instanceof DamagedFileException || e instanceof DivergedException
        || e instanceof AccessControlException || e instanceof AccessDeniedException || isMistake(e);
  }

  /** With a cause it is a library's way of passing on something else: Hadoop's of an unknown host, for instance. */
  private static boolean isMistake(Throwable e) {
    return e instanceof IllegalArgumentException && e.getCause() == null || e instanceof NullPointerException
        || e instanceof ClassCastException || e instanceof IndexOutOfBoundsException || e instanceof UnsupportedOperationException
        || e instanceof LinkageError;
  }
}
