package io.sparkformer.data.corpus;

import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.file.SpooledInput;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.InputSplit;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.RecordReader;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;
import org.apache.hadoop.mapreduce.lib.input.LineRecordReader;
import org.apache.hadoop.mapreduce.lib.input.TextInputFormat;

/**
 * The lines of one file, ended by LF. Hadoop's own format would take some names for a pattern and pass over those that begin with
 * {@code _} or {@code .}.
 */
public final class LiteralTextInput extends TextInputFormat {

  private static final String FILE = "sparkformer.text.file";
  private static final String SPOOLED = "sparkformer.text.spooled";

  /**
   * A configuration that makes this format read a file, whatever its name.
   *
   * @param plain of {@link PlainFiles}
   */
  static Configuration ofFile(Configuration plain, Path file) {
    return with(plain, FILE, file.toString());
  }

  /**
   * A configuration that makes this format read what {@link SpooledInput#spool} has copied.
   *
   * @param plain of {@link PlainFiles}
   */
  static Configuration ofSpooled(Configuration plain, String name) {
    return with(plain, SPOOLED, name);
  }

  private static Configuration with(Configuration plain, String key, String value) {
    Configuration configuration = new Configuration(plain);
    configuration.set(key, value);
    return configuration;
  }

  /** Where the file is in this process. */
  static FileStatus status(Configuration configuration) throws IOException {
    return path(configuration).getFileSystem(configuration).getFileStatus(path(configuration));
  }

  private static Path path(Configuration configuration) {
    String spooled = configuration.get(SPOOLED);
    return spooled == null ? new Path(configuration.get(FILE)) : SpooledInput.file(spooled);
  }

  @Override
  protected List<FileStatus> listStatus(JobContext job) throws IOException {
    return List.of(status(job.getConfiguration()));
  }

  @Override
  public RecordReader<LongWritable, Text> createRecordReader(InputSplit split, TaskAttemptContext context) {
    return new Lines();
  }

  private static final class Lines extends LineRecordReader {

    Lines() {
      super(new byte[] {'\n'});
    }

    /** The split names the file as the driver knows it; a spooled one lies elsewhere in each process. */
    @Override
    public void initialize(InputSplit split, TaskAttemptContext context) throws IOException {
      FileSplit asPlanned = (FileSplit) split;
      super.initialize(new FileSplit(path(context.getConfiguration()), asPlanned.getStart(), asPlanned.getLength(),
        asPlanned.getLocations()), context);
    }
  }
}
