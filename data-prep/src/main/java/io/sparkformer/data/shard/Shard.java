package io.sparkformer.data.shard;

import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;

/**
 * One shard file as the manifest describes it.
 *
 * @param file path below the prepared folder, such as {@code train/shard-00000.parquet}
 * @param examples how many examples it holds
 * @param tokens [columns] how many ids it holds, by column
 * @param bytes size of the file
 * @param sha256 checksum of the file, 64 lower-case hexadecimal digits
 * @param contentSha256 checksum of the examples in it, see {@link ExampleDigest}; null in folders of format version 1
 */
public record Shard(String file, long examples, List<Long> tokens, long bytes, String sha256, String contentSha256)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String FIX = "; copy the prepared folder again or run prepare again";

  /**
   * @throws IllegalArgumentException for a negative count
   */
  public Shard {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(sha256, "sha256");
    tokens = List.copyOf(tokens);
    if (examples <= 0 || tokens.stream().anyMatch(ids -> ids < 0) || bytes <= 0) {
      throw new IllegalArgumentException("Invalid shard " + file + ": examples=" + examples + ", tokens=" + tokens + ", bytes=" + bytes);
    }
  }

  static String fileName(DataPart part, int number) {
    return String.format("%s/shard-%05d.parquet", part.text(), number);
  }

  /**
   * Where the file lies.
   */
  public Path path(Path dataFolder) {
    return new Path(dataFolder, file);
  }

  /**
   * Checks that the file is there with the size that the manifest names; reads nothing of it.
   *
   * @throws InvalidInputException if it is not
   */
  public void verifySize(Configuration hadoop, Path dataFolder) {
    Path path = path(dataFolder);
    try {
      long found = path.getFileSystem(hadoop).getFileStatus(path).getLen();
      if (found != bytes) {
        throw corrupt(dataFolder, bytes + " bytes expected, " + found + " found", null);
      }
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("Missing shard " + path + " (" + examples + " examples by the manifest)" + FIX, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look at shard " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Checks presence, size and checksum; reads the whole file once.
   *
   * @throws InvalidInputException if the file is missing or is not the one that prepare wrote
   */
  public void verify(Configuration hadoop, Path dataFolder) {
    verifySize(hadoop, dataFolder);
    try {
      String found = Sha256.ofFile(hadoop, path(dataFolder));
      if (!found.equals(sha256)) {
        throw corrupt(dataFolder, "SHA-256 " + sha256 + " expected, " + found + " found", null);
      }
    } catch (ChecksumException e) {
      throw corrupt(dataFolder, "its bytes do not match the file system's own checksum", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read shard " + path(dataFolder) + ": " + e.getMessage(), e);
    }
  }

  InvalidInputException corrupt(Path dataFolder, String found, Exception cause) {
    return new InvalidInputException("Corrupt shard " + path(dataFolder) + ": " + found + FIX, cause);
  }
}
