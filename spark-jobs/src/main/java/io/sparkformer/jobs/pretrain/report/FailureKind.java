package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.parameterserver.DivergedException;
import io.sparkformer.jobs.transport.TransportException;
import io.sparkformer.model.hub.DamagedFileException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.security.AccessControlException;

/** Whether the run may be tried again after a worker's failure; decided at the worker, by the types of the failure and of its causes. */
public enum FailureKind {
  /** The next attempt would fail in the same way: settings, data, mathematics, a mistake in the program, a refusal by a file system. */
  HOPELESS,
  /** Everything that is not known to be hopeless: tried again, a limited number of times. */
  TRANSIENT,
  /** Follows from another failure: another worker failed, was lost or is slow, or this one was stopped. */
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

  /** An IllegalArgumentException with a cause does not count: Hadoop wraps that of an unknown host in one. */
  private static boolean isMistake(Throwable e) {
    return e instanceof IllegalArgumentException && e.getCause() == null || e instanceof NullPointerException
        || e instanceof ClassCastException || e instanceof IndexOutOfBoundsException || e instanceof UnsupportedOperationException
        || e instanceof LinkageError;
  }
}
