package io.sparkformer.data.corpus;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.file.SpooledInput;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * A UTF-8 text file, plain or compressed (by its name), as numbered lines. Lines end with LF or CR LF only.
 */
public final class TextFile {

  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final int COMPRESSION = 4;

  private final Path path;
  private final long estimatedBytes;
  private final JavaRDD<Text> rawLines;

  /** What one task found in its partition. */
  private record PartitionScan(int partition, long linesBeforeProblem, String problem) implements Serializable {
  }

  private TextFile(Path path, long estimatedBytes, JavaRDD<Text> rawLines) {
    this.path = path;
    this.estimatedBytes = estimatedBytes;
    this.rawLines = rawLines;
  }

  /**
   * Finds a file; what can be read only once is read here, see {@link SpooledInput}.
   *
   * @param path on any Hadoop file system, taken literally; {@code -} is standard input
   * @throws InvalidInputException if there is no such file
   */
  public static TextFile open(JavaSparkContext spark, Path path) {
    try {
      Configuration plain = PlainFiles.configuration(spark.hadoopConfiguration());
      Configuration input = SpooledInput.isNeeded(plain, path) ? LiteralTextInput.ofSpooled(plain, SpooledInput.spool(spark, path))
        : LiteralTextInput.ofFile(plain, path.getFileSystem(plain).makeQualified(path));
      FileStatus status = LiteralTextInput.status(input);
      if (status.isDirectory()) {
        throw new InvalidInputException("Not a file: " + path + " is a folder; name one text file");
      }
      boolean compressed = new CompressionCodecFactory(input).getCodec(status.getPath()) != null;
      return new TextFile(path, compressed ? COMPRESSION * status.getLen() : status.getLen(),
        spark.newAPIHadoopRDD(input, LiteralTextInput.class, LongWritable.class, Text.class).values());
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("Missing file: " + path + " does not exist; check the path", e);
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  /** About how many bytes of text the file holds: compressed files are taken to hold four times their length. */
  long estimatedBytes() {
    return estimatedBytes;
  }

  /** The file's name, as it was given. */
  @Override
  public String toString() {
    return SpooledInput.isStandardInput(path) ? "standard input" : path.toString();
  }

  /**
   * Reads the whole file and counts its lines.
   *
   * @throws InvalidInputException naming the first line that is not UTF-8
   */
  public LineCounts count() {
    return count(LineCheck.ANY_TEXT);
  }

  /**
   * Reads the whole file: counts the lines and checks each.
   *
   * @throws InvalidInputException naming the first line that is not UTF-8 or does not pass the check
   */
  LineCounts count(LineCheck check) {
    List<PartitionScan> scans = rawLines
      .mapPartitionsWithIndex((partition, lines) -> List.of(scan(partition, lines, check)).iterator(), true)
      .collect().stream().sorted(Comparator.comparingInt(PartitionScan::partition)).toList();
    long[] before = new long[scans.size() + 1];
    for (PartitionScan scan : scans) {
      before[scan.partition() + 1] = before[scan.partition()] + scan.linesBeforeProblem();
      if (scan.problem() != null) {
        throw new InvalidInputException(this + ", line " + (before[scan.partition() + 1] + 1) + " " + scan.problem());
      }
    }
    return new LineCounts(before);
  }

  /**
   * The lines with their numbers, from 0.
   *
   * @param counts what {@link #count} returned
   */
  public JavaRDD<Tuple2<Long, String>> numberedLines(LineCounts counts) {
    return rawLines.mapPartitionsWithIndex((partition, lines) -> new NumberedLines(lines, counts.before(partition)), true);
  }

  private static PartitionScan scan(int partition, Iterator<Text> lines, LineCheck check) {
    CharsetDecoder decoder = strictDecoder();
    long count = 0;
    try {
      while (lines.hasNext()) {
        String problem = check.problem(decode(decoder, lines.next(), partition == 0 && count == 0));
        if (problem != null) {
          return new PartitionScan(partition, count, problem);
        }
        count++;
      }
      return new PartitionScan(partition, count, null);
    } catch (CharacterCodingException e) {
      String compressed = partition + count == 0 ? "; if it is compressed, its name must end in .gz, .bz2 or .zst" : "";
      return new PartitionScan(partition, count, "is not UTF-8; convert the file to UTF-8 (iconv)" + compressed);
    } catch (Exception e) {
      // Spark declares no checked exceptions here, but the file system's arrive all the same.
      return new PartitionScan(partition, count, "cannot be read (" + e.getMessage() + "); is the file complete?");
    }
  }

  private static String decode(CharsetDecoder decoder, Text line, boolean first) throws CharacterCodingException {
    String text = decoder.decode(ByteBuffer.wrap(line.getBytes(), 0, line.getLength())).toString();
    int begin = first && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    int end = text.endsWith("\r") ? text.length() - 1 : text.length();
    return text.substring(begin, Math.max(begin, end));
  }

  private static CharsetDecoder strictDecoder() {
    return StandardCharsets.UTF_8.newDecoder()
      .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  /** Decodes lines that have passed the check, and numbers them. */
  private static final class NumberedLines implements Iterator<Tuple2<Long, String>> {

    private final CharsetDecoder decoder = strictDecoder();
    private final Iterator<Text> lines;
    private long number;

    NumberedLines(Iterator<Text> lines, long first) {
      this.lines = lines;
      this.number = first;
    }

    @Override
    public boolean hasNext() {
      return lines.hasNext();
    }

    @Override
    public Tuple2<Long, String> next() {
      try {
        String text = decode(decoder, lines.next(), number == 0);
        return new Tuple2<>(number++, text);
      } catch (CharacterCodingException e) {
        throw new IllegalStateException("The text changed while it was read: line " + (number + 1) + " is not UTF-8 now", e);
      }
    }
  }
}
