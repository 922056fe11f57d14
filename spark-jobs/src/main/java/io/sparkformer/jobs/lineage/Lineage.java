package io.sparkformer.jobs.lineage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model was made of. Runs with equal inputs have equal lineages, wherever and whenever they run, and whether they were stopped and
 * resumed or not.
 *
 * @param inputs the identity of each input, by its name: a hash of its content, a version or a number
 * @param previous hashes of the lineages that the run had before, the first one first: of a run that was resumed with other inputs
 */
public record Lineage(Map<String, String> inputs, List<String> previous) implements Serializable {
  /** Of a checkpoint. */
  public static final String FILE = "lineage.json";

  public Lineage {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    previous = List.copyOf(previous);
  }

  /** The lineage of a run that begins. */
  public static Lineage of(Map<String, String> inputs) {
    return new Lineage(inputs, List.of());
  }

  /** The lineage of a run that goes on, with these inputs, from where one with an earlier lineage has stopped. */
  public Lineage after(Lineage earlier) {
    Lineage same = new Lineage(inputs, earlier.previous);
    if (same.equals(earlier)) {
      return same;
    }
    List<String> longer = new ArrayList<>(earlier.previous);
    longer.add(earlier.hash());
    return new Lineage(inputs, longer);
  }

  /** 64 hexadecimal digits that are equal for equal lineages only. */
  public String hash() {
    StringBuilder lines = new StringBuilder();
    inputs.forEach((name, identity) -> lines.append(name).append(" = ").append(identity).append('\n'));
    previous.forEach(hash -> lines.append("previous = ").append(hash).append('\n'));
    return sha256(lines.toString());
  }

  public JsonNode toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode().put("hash", hash());
    ObjectNode named = json.putObject("inputs");
    inputs.forEach(named::put);
    ArrayNode hashes = json.putArray("previous");
    previous.forEach(hashes::add);
    return json;
  }

  public static Lineage fromJson(JsonNode json) {
    Map<String, String> inputs = new LinkedHashMap<>();
    json.path("inputs").properties().forEach(input -> inputs.put(input.getKey(), input.getValue().asText()));
    List<String> previous = new ArrayList<>();
    json.path("previous").forEach(hash -> previous.add(hash.asText()));
    return new Lineage(inputs, previous);
  }

  static String sha256(String text) {
    MessageDigest digest = newSha256();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one has not", e);
    }
  }
}
