package io.sparkformer.jobs.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.jobs.config.NotifySettings;
import io.sparkformer.jobs.pretrain.report.RunEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a command or a URL what happens to a run. Messages wait in a queue of limited length, each has a deadline, and what cannot be
 * delivered is logged and forgotten: whatever the other end does, the run does not notice.
 */
public final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final int QUEUE = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NotifySettings settings;
  private final String run;
  private final ThreadPoolExecutor thread;
  /** Null without a URL. */
  private final HttpClient client;

  /** @param run what messages call it */
  public Notifier(NotifySettings settings, String run) {
    this.settings = settings;
    this.run = run;
    this.client = settings.url().isPresent() ? HttpClient.newBuilder().connectTimeout(settings.deadline()).build() : null;
    this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), body -> {
      Thread notifier = new Thread(body, "notifier");
      notifier.setDaemon(true);
      return notifier;
    }, (message, full) -> LOG.warn("A message about the run is dropped: {} wait already (train.notify)", QUEUE));
  }

  /** Sends a message about an event; returns at once. */
  public void tell(RunEvent event) {
    if (settings.command().isEmpty() && settings.url().isEmpty()) {
      return;
    }
    ObjectNode message = JSON.createObjectNode().put("run", run).put("event", event.kind().text()).put("step", event.step())
        .put("text", event.text()).put("time", System.currentTimeMillis());
    thread.execute(() -> {
      settings.command().ifPresent(command -> attempt("train.notify.command", () -> start(command, message)));
      settings.url().ifPresent(url -> attempt("train.notify.url", () -> post(url, message)));
    });
  }

  @FunctionalInterface
  private interface Delivery {
    void run() throws IOException, InterruptedException, TimeoutException, ExecutionException;
  }

  private void attempt(String key, Delivery delivery) {
    try {
      delivery.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("A message about the run was not delivered before the program ended ({})", key);
    } catch (TimeoutException e) {
      LOG.warn("A message about the run was not taken within {} s ({}, train.notify.deadline)", settings.deadline().toMillis() / 1e3, key);
    } catch (IOException | ExecutionException e) {
      LOG.warn("A message about the run was not delivered ({}): {}", key, e.getMessage());
    }
  }

  private void start(String command, ObjectNode message) throws IOException, InterruptedException, TimeoutException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("SPARKFORMER_MESSAGE", message.toString());
    message.properties().forEach(part ->
        builder.environment().put("SPARKFORMER_" + part.getKey().toUpperCase(Locale.ROOT), part.getValue().asText()));
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(settings.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
      if (process.exitValue() != 0) {
        throw new IOException("exit status " + process.exitValue());
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void post(URI url, ObjectNode message) throws IOException, InterruptedException, TimeoutException, ExecutionException {
    HttpRequest request = HttpRequest.newBuilder(url).timeout(settings.deadline()).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(message.toString())).build();
    CompletableFuture<HttpResponse<Void>> response = client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      int status = response.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS).statusCode();
      if (status / 100 != 2) {
        throw new IOException("HTTP status " + status);
      }
    } finally {
      response.cancel(true);
    }
  }

  /** Waits for messages that are on their way, no longer than one may take. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(settings.deadline().plus(Duration.ofMillis(100)).toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
