package io.sparkformer.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The table of contents of a prepared folder: {@code manifest.json}.
 *
 * @param formatVersion {@link #FORMAT_VERSION}, or an earlier one, see {@link ManifestVersions}
 * @param kind of all examples
 * @param rows how documents were packed; null for pairs
 * @param seed of the order of the training examples and of the choice of held-out ones
 * @param vocabularySize number of token ids; every id is smaller
 * @param tokenizerSha256 checksum of the folder's {@code tokenizer.json}, 64 hexadecimal digits
 * @param train training examples, in random order
 * @param validation validation examples, in the order of the text
 */
public record ShardManifest(int formatVersion, ExampleKind kind, RowFormat rows, long seed, int vocabularySize, String tokenizerSha256,
    ShardSet train, ShardSet validation) {

  /** The version that this code writes, and the newest that it reads. */
  public static final int FORMAT_VERSION = 3;

  private static final int FIRST_VERSION = 1;

  /** Name of the manifest in a prepared folder. */
  public static final String FILE_NAME = "manifest.json";

  private static final JsonMapper JSON = JsonMapper.builder()
    .enable(SerializationFeature.INDENT_OUTPUT)
    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
    .build();

  /**
   * @throws IllegalArgumentException if the version or the vocabulary size is impossible
   */
  public ShardManifest {
    Objects.requireNonNull(tokenizerSha256, "tokenizerSha256");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(train, "train");
    Objects.requireNonNull(validation, "validation");
    if (!isKnown(formatVersion)) {
      throw new IllegalArgumentException("Invalid formatVersion: " + formatVersion + " (must be 1 to " + FORMAT_VERSION + ")");
    }
    if ((kind == ExampleKind.TOKEN_ROWS) != (rows != null)) {
      throw new IllegalArgumentException("Invalid rows: " + rows + " (needed for data of kind token-rows, and for no other): " + kind);
    }
    if (vocabularySize <= 0) {
      throw new IllegalArgumentException("Invalid vocabularySize: " + vocabularySize + " (must be > 0)");
    }
  }

  /**
   * @param dataFolder a folder written by prepare
   * @throws InvalidInputException if there is no manifest, or one that this version cannot read
   */
  public static ShardManifest read(Configuration hadoop, Path dataFolder) {
    Path file = new Path(dataFolder, FILE_NAME);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      JsonNode json = JSON.readTree(in);
      int version = json.path("formatVersion").asInt(-1);
      if (!isKnown(version)) {
        throw new InvalidInputException("Cannot read " + file + ": format version 1 to " + FORMAT_VERSION + " expected, "
          + (version < 0 ? "none" : version) + " found; run prepare again with this version");
      }
      return JSON.treeToValue(ManifestVersions.newest((ObjectNode) json, version), ShardManifest.class);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("Not a prepared folder: " + dataFolder + " has no " + FILE_NAME
        + "; name the output folder of prepare", e);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException("Corrupt manifest " + file + ": " + firstLine(e.getOriginalMessage())
        + "; copy the prepared folder again or run prepare again", e);
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read manifest " + file + ": " + firstLine(e.getMessage()), e);
    }
  }

  /**
   * Writes {@code manifest.json}.
   *
   * @throws IOException if the file exists or cannot be written
   */
  public void write(Configuration hadoop, Path dataFolder) throws IOException {
    Path file = new Path(dataFolder, FILE_NAME);
    byte[] json = (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = file.getFileSystem(hadoop).create(file, false)) {
      out.write(json);
    }
  }

  /**
   * The shards of a part.
   */
  public ShardSet part(DataPart part) {
    return part == DataPart.TRAIN ? train : validation;
  }

  /**
   * Checks that a batch can hold the longest example of a part.
   *
   * @throws InvalidInputException if it cannot
   */
  public void requireFits(int batchTokens, Path dataFolder, DataPart part) {
    int longest = part(part).longest(kind);
    if (longest > batchTokens) {
      String cannotHold = "A batch of " + batchTokens + " tokens cannot hold ";
      String where = " of " + dataFolder + " (" + part.text() + "): " + longest + " tokens";
      String fix = "; set train.batch-tokens to at least " + longest;
      throw new InvalidInputException(switch (kind) {
        case SENTENCE_PAIRS -> cannotHold + "the longest sentence" + where + " with its end token" + fix
          + ", or prepare with a smaller prepare.max-tokens";
        case TOKEN_ROWS -> cannotHold + "a row" + where + fix + ", or prepare with a smaller prepare.row-tokens";
        case LABELLED_TEXTS -> cannotHold + "the longest text" + where + fix + ", or set finetune.max-length to at most " + batchTokens;
      });
    }
  }

  /**
   * Identifies the training data: a checksum of the tokenizer and of the training examples, shard by shard, which is equal for equal data,
   * however often it was prepared. In a folder of format version 1 it is a checksum of the files.
   *
   * @return 64 hexadecimal digits
   */
  public String fingerprint() {
    return formatVersion == FIRST_VERSION ? checksum(Shard::sha256) : checksum(Shard::contentSha256);
  }

  /**
   * Whether a fingerprint is that of this training data; also one that a program for format version 1 computed from the files.
   */
  public boolean hasFingerprint(String fingerprint) {
    return fingerprint.equals(fingerprint()) || fingerprint.equals(checksum(Shard::sha256));
  }

  private String checksum(Function<Shard, String> ofShard) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(tokenizerSha256.getBytes(StandardCharsets.US_ASCII));
    for (Shard shard : train.shards()) {
      digest.update(ofShard.apply(shard).getBytes(StandardCharsets.US_ASCII));
    }
    return Sha256.hex(digest);
  }

  private static boolean isKnown(int version) {
    return version >= FIRST_VERSION && version <= FORMAT_VERSION;
  }

  private static String firstLine(String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }
}
