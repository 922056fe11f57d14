package io.sparkformer.jobs.trace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.jobs.output.NumberedFile;
import io.sparkformer.jobs.transport.Transport;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What every worker did when, as a file that chrome://tracing and Perfetto show (Google's Trace Event Format, JSON): one process per
 * worker, one complete event per stay in a phase. The workers' clocks are those of their machines.
 */
public final class ChromeTrace {
  /** Within the training output. */
  public static final String FOLDER = "trace";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChromeTrace() {}

  /** Where the trace of a run that begins after a step is written, below the training output; a number is added if it exists. */
  public static Path file(Path output, long firstStep) {
    return new Path(output, String.format(Locale.ROOT, "%s/from-step-%08d.json", FOLDER, firstStep));
  }

  /**
   * Ends the recording of all workers, each of which writes its events beside the file; the first one then joins them. Every worker
   * calls this at the same step.
   *
   * @param place where this worker runs, for people
   */
  public static void write(Configuration hadoop, Path file, Transport transport, long step, String place, PhaseClock clock)
      throws IOException {
    FileSystem fileSystem = file.getFileSystem(hadoop);
    int rank = transport.rank();
    try (FSDataOutputStream out = fileSystem.create(part(file, rank), true);
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
      writeEvents(text, rank, place, clock.recorded());
    }
    transport.exchange(step, "events of the trace", new byte[0]);
    if (rank == 0) {
      join(fileSystem, file, transport.workers());
    }
  }

  private static void writeEvents(Writer text, int rank, String place, List<PhaseClock.Span> spans) throws IOException {
    ObjectNode name = JSON.createObjectNode().put("name", "process_name").put("ph", "M").put("pid", rank);
    name.putObject("args").put("name", "worker " + rank + ", " + place);
    text.write(name.toString());
    for (PhaseClock.Span span : spans) {
      String phase = span.phase().text();
      ObjectNode event = JSON.createObjectNode().put("name", span.what().isEmpty() ? phase : phase + ": " + span.what())
          .put("cat", phase).put("ph", "X").put("pid", rank).put("tid", 0).put("ts", span.startMicros()).put("dur", span.micros());
      text.write(",\n" + event);
    }
  }

  private static void join(FileSystem fileSystem, Path file, int workers) throws IOException {
    try (FSDataOutputStream out = NumberedFile.create(fileSystem, file)) {
      out.write("{\"traceEvents\": [\n".getBytes(StandardCharsets.UTF_8));
      for (int rank = 0; rank < workers; rank++) {
        if (rank > 0) {
          out.write(",\n".getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = fileSystem.open(part(file, rank))) {
          in.transferTo(out);
        }
        fileSystem.delete(part(file, rank), false);
      }
      out.write("\n]}\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Path part(Path file, int rank) {
    return new Path(file.getParent(), "." + file.getName() + ".rank-" + rank);
  }
}
