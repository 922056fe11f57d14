package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Batch.Labels;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.NetworkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** One folder that a real Hugging Face class wrote, with what it computed; golden/hf/README of the cases says how to read it. */
record HubCase(Path folder, JsonNode json, HubFolder model, Map<String, float[]> expected) {
  static HubCase read(Path folder) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
    FileSystem files = FileSystem.getLocal(new Configuration());
    Map<String, float[]> expected = new HashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(files, new org.apache.hadoop.fs.Path(path, "expected.safetensors"))) {
      for (String name : file.names()) {
        expected.put(name, file.values(name));
      }
    }
    return new HubCase(folder, new ObjectMapper().readTree(folder.resolve("case.json").toFile()),
        HubFolder.open(new Configuration(), path), expected);
  }

  static String family(Path folder) {
    try {
      return new ObjectMapper().readTree(folder.resolve("config.json").toFile()).path("model_type").asText();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  NetworkConfig network() {
    return model.config().network();
  }

  int[] lengths() {
    return ints(json.path("lengths"));
  }

  /** The main batch; every head's gradient is that of its mean loss. */
  Batch batch() {
    return network().isEncoderDecoder() ? translation() : network().decoder() != null ? nextTokens() : encoder();
  }

  private Batch nextTokens() {
    List<int[]> tokens = sequences(json.path("inputs").path("input_ids"), lengths());
    List<int[]> labels = tokens.stream().map(HubCase::next).toList();
    return new Batch(null, Sequences.pack(tokens, 0), Map.of("vocabulary", mean(labels)));
  }

  private static int[] next(int[] tokens) {
    int[] next = Arrays.copyOfRange(tokens, 1, tokens.length + 1);
    next[tokens.length - 1] = Batch.IGNORED;
    return next;
  }

  private Batch translation() {
    List<int[]> labels = new ArrayList<>();
    List<int[]> inputs = new ArrayList<>();
    int start = model.config().json().path("decoder_start_token_id").asInt();
    for (JsonNode row : json.path("labels").path("labels")) {
      int[] kept = Arrays.stream(ints(row)).takeWhile(label -> label >= 0).toArray();
      labels.add(kept);
      inputs.add(IntStream.concat(IntStream.of(start), Arrays.stream(kept).limit(kept.length - 1L)).toArray());
    }
    return new Batch(Sequences.pack(sequences(json.path("inputs").path("input_ids"), lengths()), 0), Sequences.pack(inputs, 0),
        Map.of("vocabulary", mean(labels)));
  }

  private Batch encoder() {
    JsonNode labels = json.path("labels");
    Map<String, Labels> byHead = new HashMap<>();
    if (labels.has("start_positions")) {
      byHead.put("span", spans(labels));
    } else if (labels.path("labels").path(0).isArray()) {
      byHead.put(network().heads().get(0).name(), mean(sequences(labels.path("labels"), lengths())));
    }
    JsonNode classes = labels.has("next_sentence_label") ? labels.path("next_sentence_label") : labels.path("labels");
    if (network().heads().stream().anyMatch(head -> head.name().equals("sequence-class"))) {
      byHead.put("sequence-class", mean(List.of(ints(classes))));
    }
    return new Batch(inputs(json.path("inputs"), lengths()), null, byHead);
  }

  static Labels spans(JsonNode labels) {
    int[] starts = ints(labels.path("start_positions"));
    int[] ends = ints(labels.path("end_positions"));
    int[] pairs = IntStream.range(0, 2 * starts.length).map(i -> i % 2 == 0 ? starts[i / 2] : ends[i / 2]).toArray();
    Labels of = Labels.of(pairs);
    return new Labels(of.values().reshape(starts.length, 2), 1.0 / starts.length);
  }

  /** Input ids and token types without padding. */
  static Sequences inputs(JsonNode inputs, int[] lengths) {
    return Sequences.pack(sequences(inputs.path("input_ids"), lengths),
        inputs.has("token_type_ids") ? sequences(inputs.path("token_type_ids"), lengths) : null, 0);
  }

  private static Labels mean(List<int[]> labels) {
    long count = labels.stream().flatMapToInt(Arrays::stream).filter(label -> label >= 0).count();
    return Labels.of(labels).weighted(1.0 / count);
  }

  static List<int[]> sequences(JsonNode rows, int[] lengths) {
    List<int[]> sequences = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      sequences.add(Arrays.copyOf(ints(rows.get(i)), lengths[i]));
    }
    return sequences;
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  /** The rows of a padded expected array {@code [sequences, time, width]} that are real, one after another. */
  float[] packed(String name, int... lengths) {
    float[] padded = expected.get(name);
    int[] shape = ints(json.path("outputs").path(name));
    int width = shape.length == 3 ? shape[2] : 1;
    float[] rows = new float[Arrays.stream(lengths).sum() * width];
    int at = 0;
    for (int s = 0; s < lengths.length; s++) {
      System.arraycopy(padded, s * shape[1] * width, rows, at, lengths[s] * width);
      at += lengths[s] * width;
    }
    return rows;
  }

  /** Of outputs or gradients: {@code absolute X + relative Y}. */
  double[] tolerance(String of) {
    String[] words = json.path("tolerance").path(of).asText().split(" ");
    return new double[] {Double.parseDouble(words[1]), Double.parseDouble(words[words.length - 1])};
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
