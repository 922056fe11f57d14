package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.jobs.cli.FailureLine;
import java.io.Serializable;
import java.io.UncheckedIOException;

/**
 * What a failing worker sends to the driver before it ends: of a failed barrier stage Spark itself keeps only a text.
 *
 * @param text one line for people
 */
public record WorkerFailure(FailureKind kind, String text) implements Serializable {
  /** @param rank of the worker */
  public static WorkerFailure of(int rank, Throwable failure) {
    if (failure instanceof UncheckedIOException) {
      return new WorkerFailure(FailureKind.of(failure), FailureLine.oneLine(failure.getMessage()));
    }
    FailureLine line = FailureLine.of(failure);
    String text = line.expected() ? line.text() : "rank " + rank + ": " + line.text() + " (its log has the stack trace)";
    return new WorkerFailure(FailureKind.of(failure), text);
  }
}
