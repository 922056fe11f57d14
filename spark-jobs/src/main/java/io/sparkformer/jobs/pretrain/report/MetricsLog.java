package io.sparkformer.jobs.pretrain.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.jobs.output.GrowingFile;
import io.sparkformer.jobs.output.NumberedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** One JSON line per report, in files of its own for every start of the run: not every file system can append. */
public final class MetricsLog implements AutoCloseable {
  /** Within the training output. */
  public static final String FOLDER = "metrics";
  private static final ObjectMapper JSON = JsonMapper.builder()
      .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .build();

  private final GrowingFile out;

  /** Of the first worker of a start of the run. */
  MetricsLog(Configuration hadoop, Path output, long firstStep) throws IOException {
    this(hadoop, new Path(output, String.format(Locale.ROOT, "%s/from-step-%08d.jsonl", FOLDER, firstStep)));
  }

  private MetricsLog(Configuration hadoop, Path file) throws IOException {
    FileSystem fileSystem = file.getFileSystem(hadoop);
    // Without Hadoop's checksum file beside it a line is on the local disk when it is flushed.
    FileSystem files = fileSystem instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fileSystem;
    out = new GrowingFile(() -> NumberedFile.create(files, file));
  }

  /** Notes a failure in {@code driver.jsonl}, in a file of its own. */
  public static void failure(Configuration hadoop, Path output, Report.Failure failure) throws IOException {
    try (MetricsLog log = new MetricsLog(hadoop, new Path(output, FOLDER + "/driver.jsonl"))) {
      log.write(failure);
    }
  }

  void write(Report report) throws IOException {
    out.write((json(report, System.currentTimeMillis()) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Makes all lines visible to readers; afterwards they survive the end of this process. */
  void show() throws IOException {
    out.show();
  }

  static String json(Report report, long epochMillis) throws JsonProcessingException {
    ObjectNode line = JSON.createObjectNode().put("kind", report.kind()).put("time", epochMillis);
    ObjectNode values = JSON.valueToTree(report);
    values.properties().forEach(value -> {
      // JSON has no NaN: what could not be measured is left out.
      if (!value.getValue().isDouble() || Double.isFinite(value.getValue().asDouble())) {
        line.set(value.getKey(), value.getValue());
      }
    });
    return JSON.writeValueAsString(line);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
