package io.sparkformer.data.file;

import io.sparkformer.data.InvalidInputException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.io.IOUtils;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Input that only the driver can read, and only once: standard input, a pipe ({@code <(...)}, {@code /dev/stdin}), a FIFO. The driver
 * copies it to a file and hands that to Spark, which brings it to every executor that needs it and deletes it at the end.
 */
public final class SpooledInput {

  /** The name of standard input. */
  public static final String STANDARD_INPUT = "-";

  private static final Logger LOG = LoggerFactory.getLogger(SpooledInput.class);
  private static final int BUFFER_BYTES = 1 << 16;

  private static boolean standardInputWasRead;

  private SpooledInput() {
  }

  /** Whether a name stands for standard input. */
  public static boolean isStandardInput(Path path) {
    return path.toString().equals(STANDARD_INPUT);
  }

  /**
   * Whether something must be spooled to be read by tasks: standard input, or a local file that is neither a folder nor a regular
   * file with a length. An empty file may be one that does not say its length, as those of {@code /proc}.
   *
   * @param hadoop of {@link PlainFiles}
   */
  public static boolean isNeeded(Configuration hadoop, Path path) throws IOException {
    if (isStandardInput(path)) {
      return true;
    }
    if (!(path.getFileSystem(hadoop) instanceof LocalFileSystem)) {
      return false;
    }
    File file = local(path);
    return file.exists() && !file.isDirectory() && (!file.isFile() || file.length() == 0);
  }

  /**
   * Reads the input to its end.
   *
   * @return the name under which {@link #file} finds the copy in every process
   * @throws InvalidInputException if it is standard input and this process is not the one that was started with it, or has read it
   */
  public static String spool(JavaSparkContext spark, Path path) throws IOException {
    String name = "spooled-" + UUID.randomUUID() + "-" + path.getName().replace(':', '-');
    File copy = new File(SparkFiles.getRootDirectory(), name);
    LOG.info("reading {} to its end", isStandardInput(path) ? "standard input" : path);
    if (isStandardInput(path)) {
      checkStandardInput(spark);
      copy(System.in, copy);
    } else {
      try (InputStream in = Files.newInputStream(local(path).toPath())) {
        copy(in, copy);
      }
    }
    spark.addFile(copy.toURI().toString());
    return name;
  }

  /** By reads and writes alone: Files.copy asks for positions from Java 21 on, which a pipe has not. */
  private static void copy(InputStream from, File to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to.toPath(), StandardOpenOption.CREATE_NEW)) {
      IOUtils.copyBytes(from, out, BUFFER_BYTES);
    }
  }

  /** The copy of a spooled input, in the driver and in tasks. */
  public static Path file(String name) {
    return new Path(new File(SparkFiles.getRootDirectory(), name).toURI());
  }

  private static synchronized void checkStandardInput(JavaSparkContext spark) {
    if (spark.getConf().get("spark.submit.deployMode", "client").equals("cluster")) {
      throw new InvalidInputException("Standard input (-) does not reach a driver that runs in the cluster; name a file, or use "
        + "--deploy-mode client");
    }
    if (standardInputWasRead) {
      throw new InvalidInputException("Standard input (-) is named twice, and can be read only once; name a file for one of them");
    }
    standardInputWasRead = true;
  }

  private static File local(Path path) {
    return new File(path.toUri().getPath());
  }
}
