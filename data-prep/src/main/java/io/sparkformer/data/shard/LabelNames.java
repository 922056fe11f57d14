package io.sparkformer.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What the labels of a prepared folder of {@linkplain ExampleKind#LABELLED_TEXTS labelled texts} mean: {@code labels.json} beside its
 * manifest.
 *
 * @param names of the classes, by their numbers; empty where labels are values (regression)
 */
public record LabelNames(List<String> names) implements Serializable {

  /** Name of the file in a prepared folder. */
  public static final String FILE_NAME = "labels.json";

  /** Labels are values. */
  public static final LabelNames VALUES = new LabelNames(List.of());

  private static final long serialVersionUID = 1L;

  private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT)
    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES).build();

  /**
   * @throws IllegalArgumentException for one class alone, or two of one name
   */
  public LabelNames {
    names = List.copyOf(names);
    if (names.size() == 1 || names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("Invalid classes: " + names + " (at least two of different names, or none for values)");
    }
  }

  /** Whether labels are values. */
  public boolean areValues() {
    return names.isEmpty();
  }

  /**
   * @param dataFolder a prepared folder of labelled texts
   * @throws InvalidInputException if the file is missing or damaged
   */
  public static LabelNames read(Configuration hadoop, Path dataFolder) {
    Path file = new Path(dataFolder, FILE_NAME);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return JSON.readValue(in, LabelNames.class);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(dataFolder + " has no " + FILE_NAME + ", which says what the labels mean; run finetune again", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException("Corrupt file " + file + ": " + e.getOriginalMessage() + "; run finetune again", e);
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes {@code labels.json}.
   *
   * @throws IOException if the file exists or cannot be written
   */
  public void write(Configuration hadoop, Path dataFolder) throws IOException {
    Path file = new Path(dataFolder, FILE_NAME);
    try (OutputStream out = file.getFileSystem(hadoop).create(file, false)) {
      out.write((JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
