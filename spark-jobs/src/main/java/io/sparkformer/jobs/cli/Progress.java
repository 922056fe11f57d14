package io.sparkformer.jobs.cli;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how far a piece of work is, from its start until it is closed: every second in the {@link StatusLine} of a terminal, elsewhere by
 * a line in the log every minute.
 */
public final class Progress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final int STATUS_SECONDS = 1;
  private static final int LOG_SECONDS = 60;

  private final StatusLine status = StatusLine.ofProcess();
  private final ScheduledExecutorService clock;

  /** @param line how far the work is, as one line; called by a thread of its own */
  public Progress(Supplier<String> line) {
    clock = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "progress");
      thread.setDaemon(true);
      return thread;
    });
    int seconds = status.isShown() ? STATUS_SECONDS : LOG_SECONDS;
    clock.scheduleAtFixedRate(() -> show(line), seconds, seconds, TimeUnit.SECONDS);
  }

  private void show(Supplier<String> line) {
    if (status.isShown()) {
      status.show(line.get());
    } else {
      LOG.info("{}", line.get());
    }
  }

  /** So many seconds for people: {@code 8 s}, {@code 1 min 30 s}, {@code 2 h 5 min}. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600 ? whole / 60 + " min " + whole % 60 + " s" : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }

  @Override
  public void close() {
    clock.shutdownNow();
    status.clear();
  }
}
