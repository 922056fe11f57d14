package io.sparkformer.data.shard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Converts manifests of earlier format versions to the newest form. Version 1 lacked the checksums of content; version 2 knew pairs only,
 * and had fields for each side where version 3 has lists of columns. The version itself stays, since fingerprints of version 1 differ.
 */
final class ManifestVersions {

  /** Written only where there were rules for lines. */
  private static final String REMOVED_LINES = "removedLines";

  private ManifestVersions() {
  }

  /** The same manifest, changed in place. Fields that are missing stay missing, so that the reader reports them. */
  static ObjectNode newest(ObjectNode manifest, int version) {
    if (version < 3) {
      manifest.put("kind", "sentence-pairs").putNull("rows");
      for (DataPart part : DataPart.values()) {
        if (manifest.get(part.text()) instanceof ObjectNode fields) {
          convert(fields, version);
        }
      }
    }
    for (DataPart part : DataPart.values()) {
      if (manifest.path(part.text()).get("cleaning") instanceof ObjectNode cleaning && !cleaning.has(REMOVED_LINES)) {
        cleaning.putObject(REMOVED_LINES);
      }
    }
    return manifest;
  }

  private static void convert(ObjectNode part, int version) {
    list(part, "longestSource", "longestTarget", "longest");
    if (part.get("lengths") instanceof ObjectNode lengths) {
      rename(lengths, "pairs", "examples");
    }
    for (JsonNode shard : part.path("shards")) {
      if (shard instanceof ObjectNode fields) {
        rename(fields, "pairs", "examples");
        list(fields, "sourceTokens", "targetTokens", "tokens");
        if (version < 2) {
          fields.putNull("contentSha256");
        }
      }
    }
  }

  private static void rename(ObjectNode fields, String before, String after) {
    if (fields.has(before)) {
      fields.set(after, fields.remove(before));
    }
  }

  private static void list(ObjectNode fields, String source, String target, String list) {
    if (fields.has(source) && fields.has(target)) {
      fields.putArray(list).add(fields.remove(source)).add(fields.remove(target));
    }
  }
}
