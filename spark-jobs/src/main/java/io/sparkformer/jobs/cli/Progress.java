package io.sparkformer.jobs.cli;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how far a piece of work is, from its start until it is closed: every second in the {@link StatusLine} of a terminal, elsewhere by
 * a line in the log after the first minute and then every five.
 */
public final class Progress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private final StatusLine status = StatusLine.ofProcess();
  private final ScheduledExecutorService clock;
  /** Of the clock's thread. */
  private long minutes;

  /** @param line how far the work is, as one line; called by a thread of its own */
  public Progress(Supplier<String> line) {
    clock = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "progress");
      thread.setDaemon(true);
      return thread;
    });
    if (status.isShown()) {
      clock.scheduleAtFixedRate(() -> status.show(line.get()), 1, 1, TimeUnit.SECONDS);
    } else {
      clock.scheduleAtFixedRate(() -> log(line), 1, 1, TimeUnit.MINUTES);
    }
  }

  private void log(Supplier<String> line) {
    minutes++;
    if (minutes == 1 || minutes % 5 == 0) {
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
