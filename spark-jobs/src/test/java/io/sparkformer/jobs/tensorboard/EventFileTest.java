package io.sparkformer.jobs.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.output.ClosedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir
  private Path folder;

  @Test
  void tensorFlowReadsPointsTextAndHistograms() throws IOException {
    TensorHistogram histogram = new TensorHistogram();
    histogram.add(new float[] {-1, 0, 0.5f, Float.NaN, Float.MAX_VALUE, 7}, 5);
    try (EventFile file = open(1)) {
      file.write(new EventRecord(3).scalar("loss", 2.5).scalar("bleu", Double.NaN).text("samples", "| a | Ü |")
          .histogram("weights", histogram));
      file.write(new EventRecord(4).scalar("bleu", Double.NaN));
    }
    assertThat(TensorFlowEvents.read(folder)).containsOnlyKeys("loss", "samples/text_summary", "weights").satisfies(values -> {
      assertThat(values.get("loss")).containsExactly(new TensorFlowEvents.Value(3, "loss", 2.5, "", ""));
      assertThat(values.get("samples/text_summary"))
          .containsExactly(new TensorFlowEvents.Value(3, "samples/text_summary", 0, "| a | Ü |", "text"));
      assertThat(values.get("weights")).containsExactly(new TensorFlowEvents.Value(3, "weights", 4, "", ""));
    });
    // As text, the format in which protocol buffers are shown.
    assertThat(TensorFlowEvents.events(TensorFlowEvents.files(folder).get(0)).get(2).toString().lines().map(String::strip))
        .containsSequence("min: -1.0", "max: 3.4028234663852886E38", "num: 4.0")
        .containsSequence("bucket_limit: 0.47069243095356195", "bucket_limit: 0.5177616740489182").contains("bucket: 1.0");
  }

  @Test
  void eventsCanBeReadBeforeTheFileIsClosed() throws IOException {
    try (EventFile file = open(1)) {
      for (int step = 1; step <= 3; step++) {
        file.write(new EventRecord(step).scalar("loss", step));
        assertThat(steps()).hasSize(step).endsWith((long) step);
      }
      assertThat(TensorFlowEvents.files(folder)).hasSize(1);
    }
  }

  @Test
  void whereFilesAreSeenWhenTheyAreClosedEventsAreShownInFurtherFiles() throws IOException {
    Configuration hadoop = new Configuration();
    ClosedFiles.register(hadoop);
    try (EventFile file = new EventFile(hadoop, ClosedFiles.path(folder), 1)) {
      file.write(new EventRecord(1).scalar("loss", 1));
      assertThat(TensorFlowEvents.files(folder)).isEmpty();
      file.show();
      file.show();
      assertThat(steps()).containsExactly(1L);
      file.write(new EventRecord(2).scalar("loss", 2));
      file.write(new EventRecord(3).scalar("loss", 3));
    }
    assertThat(steps()).containsExactly(1L, 2L, 3L);
    assertThat(TensorFlowEvents.files(folder)).hasSize(2);
  }

  @Test
  void aRunThatGoesOnFromAnEarlierStepReplacesWhatCameAfterIt() throws IOException {
    for (long first : List.of(1L, 3L, 2L)) {
      try (EventFile file = open(first)) {
        for (long step = first; step < first + 4; step++) {
          file.write(new EventRecord(step).scalar("loss", 10 * first + step));
        }
      }
    }
    assertThat(TensorFlowEvents.files(folder)).hasSize(3);
    assertThat(TensorFlowEvents.read(folder).get("loss")).extracting(TensorFlowEvents.Value::number).containsExactly(11.0, 22.0, 23.0, 24.0,
        25.0);
  }

  @Test
  void aByteThatChangedIsFound() throws IOException {
    try (EventFile file = open(1)) {
      file.write(new EventRecord(1).scalar("loss", 1));
    }
    Path file = TensorFlowEvents.files(folder).get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 6] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> TensorFlowEvents.events(file)).hasStackTraceContaining("crc");
  }

  private EventFile open(long firstStep) throws IOException {
    return new EventFile(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()), firstStep);
  }

  private List<Long> steps() {
    return TensorFlowEvents.read(folder).get("loss").stream().map(TensorFlowEvents.Value::step).toList();
  }
}
