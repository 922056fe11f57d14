package io.sparkformer.jobs.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunHistoryTest {
  @TempDir
  private Path output;

  @Test
  void theNextStartReplacesWhatCameAfterItsStep() throws IOException {
    write("from-step-00000000.jsonl", start(1000, 0), training(2000, 5, 0), training(3000, 9, 1), "{\"kind\":\"trai");
    write("driver.jsonl", "{\"kind\":\"restart\",\"time\":4000,\"step\":9,\"text\":\"lost\"}");
    write("from-step-00000005.jsonl", start(5000, 5), training(6000, 8, 0), training(7000, 12, 0));
    RunHistory history = read();
    assertThat(history.curve("training loss").points()).extracting(Curve.Point::step).containsExactly(5L, 8L, 12L);
    assertThat(history.marks()).extracting(RunHistory.Mark::kind).containsExactly("skipped", "restart", "start");
    assertThat(history.step()).isEqualTo(12);
    assertThat(history.duration()).isEqualTo(Duration.ofSeconds(6));
    assertThat(history.curve("training bleu").isEmpty()).isTrue();
  }

  @Test
  void aRunIsLostWhenItIsSilentForLong() throws IOException {
    write("from-step-00000000.jsonl", start(1000, 0), training(2000, 5, 0));
    assertThat(read().state(3000)).isEqualTo(RunState.RUNNING);
    assertThat(read().state(Duration.ofHours(1).toMillis())).isEqualTo(RunState.LOST);
    write("driver.jsonl", "{\"kind\":\"failure\",\"time\":4000,\"step\":9,\"text\":\"no room\"}");
    assertThat(read().state(5000)).isEqualTo(RunState.FAILED);
    assertThat(read().lastWords()).isEqualTo("no room");
    write("from-step-00000005.jsonl", start(6000, 5),
        "{\"kind\":\"end\",\"time\":7000,\"step\":9,\"ending\":\"stopped\",\"text\":\"on request\"}");
    assertThat(read().state(8000)).isEqualTo(RunState.STOPPED);
  }

  @Test
  void aLongCurveKeepsMeansOfItsParts() {
    Curve curve = new Curve();
    int steps = 10 * Curve.MOST + 7;
    for (int step = 1; step <= steps; step++) {
      curve.add(step, step);
    }
    List<Curve.Point> points = curve.points();
    assertThat(points).hasSizeBetween(Curve.MOST / 2 - 1, Curve.MOST);
    assertThat(points).extracting(Curve.Point::step).isSorted().doesNotHaveDuplicates();
    assertThat(points.get(0)).isEqualTo(new Curve.Point(16, 8.5));
    assertThat(points.get(points.size() - 1).value()).isBetween(steps - 32.0, (double) steps);
  }

  @Test
  void workersTimesAddUpOverStartsAndEnergyIsKnownOnlyIfAllMeasureIt() throws IOException {
    write("from-step-00000000.jsonl", start(1000, 0), workers(2000, 10, ",\"joules\":50"), workers(3000, 30, ",\"joules\":70"));
    WorkerTotals totals = read().workers();
    assertThat(totals.seconds().get(1)).containsEntry("wait", 20.0);
    assertThat(totals.coreSeconds()).isEqualTo(160);
    assertThat(totals.joules()).isEqualTo(120);
    write("from-step-00000009.jsonl", start(4000, 9), workers(5000, 10, ""));
    assertThat(read().workers().joules()).isNaN();
  }

  private RunHistory read() throws IOException {
    return RunHistory.read(new Configuration(), new org.apache.hadoop.fs.Path(output.toUri())).orElseThrow();
  }

  private void write(String name, String... lines) throws IOException {
    Files.write(Files.createDirectories(output.resolve("metrics")).resolve(name), List.of(lines));
  }

  private static String start(long time, long step) {
    return "{\"kind\":\"start\",\"time\":%d,\"step\":%d,\"places\":[\"a\",\"b\"],\"threads\":2}".formatted(time, step);
  }

  private static String training(long time, long step, int skipped) {
    return "{\"kind\":\"training\",\"time\":%d,\"step\":%d,\"max_steps\":20,\"loss\":2.5,\"skipped_steps\":%d}"
        .formatted(time, step, skipped);
  }

  private static String workers(long time, double seconds, String joules) {
    return ("{\"kind\":\"workers\",\"time\":%d,\"step\":9,\"seconds\":%s%s,\"shares\":[{\"compute\":1,\"wait\":0},"
        + "{\"compute\":0.5,\"wait\":0.5}]}").formatted(time, seconds, joules);
  }
}
