package io.sparkformer.jobs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.NotifySettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.pretrain.report.RunEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class NotifierTest {
  private static final RunEvent EVENT = new RunEvent(RunEvent.Kind.RESTARTED, 12, "a \"worker\" was lost");

  @TempDir
  private Path folder;

  @Test
  void aUrlGetsTheEventAsJson() throws IOException {
    List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/hook", exchange -> {
      bodies.add(new ObjectMapper().readTree(exchange.getRequestBody()));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    server.start();
    try (Notifier notifier = new Notifier(settings("url=http://127.0.0.1:" + server.getAddress().getPort() + "/hook"), "out/run")) {
      notifier.tell(EVENT);
    } finally {
      server.stop(0);
    }
    assertThat(bodies).singleElement().satisfies(body -> {
      assertThat(body.get("run").asText()).isEqualTo("out/run");
      assertThat(body.get("event").asText()).isEqualTo("restarted");
      assertThat(body.get("step").asLong()).isEqualTo(12);
      assertThat(body.get("text").asText()).isEqualTo("a \"worker\" was lost");
      assertThat(body.get("time").asLong()).isPositive();
    });
  }

  @Test
  void aCommandGetsTheEventInItsEnvironment() throws IOException {
    Path told = folder.resolve("told");
    try (Notifier notifier = new Notifier(settings("command=echo \"$SPARKFORMER_EVENT $SPARKFORMER_STEP $SPARKFORMER_TEXT\" >> " + told),
        "out/run")) {
      notifier.tell(EVENT);
      notifier.tell(new RunEvent(RunEvent.Kind.FINISHED, 20, "done"));
    }
    assertThat(told).hasContent("restarted 12 a \"worker\" was lost\nfinished 20 done");
  }

  @Test
  @Timeout(20)
  void anEndThatHangsHoldsNothingUp() throws IOException {
    // Takes connections, and never answers.
    try (ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      NotifySettings settings = settings("url=http://127.0.0.1:" + hangs.getLocalPort(), "command=sleep 1000", "deadline=1s");
      long start = System.nanoTime();
      long told;
      try (Notifier notifier = new Notifier(settings, "out/run")) {
        for (int i = 0; i < 1000; i++) {
          notifier.tell(EVENT);
        }
        told = System.nanoTime();
      }
      assertThat((told - start) / 1e9).isLessThan(1);
      assertThat((System.nanoTime() - start) / 1e9).isBetween(1.0, 5.0);
    }
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)
        .map(process -> process.info().commandLine().orElse(""))).noneMatch(line -> line.contains("sleep 1000"));
  }

  @Test
  void aServerThatRefusesAndACommandThatFailsAreLogged() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (Notifier notifier = new Notifier(settings("url=http://127.0.0.1:" + free, "command=exit 3"), "out/run")) {
      notifier.tell(EVENT);
    }
  }

  @Test
  void aUrlMustBeOne() {
    assertThatThrownBy(() -> settings("url=mailto:me")).isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("train.notify.url").hasMessageContaining("must be a URL that begins with http:// or https://");
  }

  private static NotifySettings settings(String... assignments) {
    return Settings.defaults().with(Stream.of(assignments).map(each -> Assignment.parse("train.notify." + each)).toList()).notifications();
  }
}
