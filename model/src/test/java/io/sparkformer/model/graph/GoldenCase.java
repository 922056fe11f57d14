package io.sparkformer.model.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.objective.SequenceToSequence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One folder of values that PyTorch's {@code nn.Transformer} computed: configuration, weights, outputs and gradients. */
record GoldenCase(Path folder, JsonNode json, Map<String, float[]> weights, Map<String, float[]> expected) {
  static GoldenCase read(Path folder) throws IOException {
    return new GoldenCase(folder, new ObjectMapper().readTree(folder.resolve("case.json").toFile()),
        safetensors(folder.resolve("weights.safetensors")), safetensors(folder.resolve("expected.safetensors")));
  }

  /** Sines and cosines are interleaved, as in the paper: the first version of {@code config.json} says so. */
  NetworkConfig config() {
    ObjectNode config = new ObjectMapper().createObjectNode().put("kind", "encoder-decoder").put("vocabulary", json.get("vocab").asInt())
        .put("encoder_layers", json.get("encoder_layers").asInt()).put("decoder_layers", json.get("decoder_layers").asInt())
        .put("d_model", json.get("d_model").asInt()).put("heads", json.get("heads").asInt()).put("ffn", json.get("ffn").asInt())
        .put("norm", json.get("norm").asText()).put("activation", json.get("activation").asText()).put("positions", "sinusoidal")
        .put("tied_embeddings", "all").put("dropout", 0.0).put("attention_dropout", 0.0).put("activation_dropout", 0.0)
        .put("label_smoothing", json.get("label_smoothing").asDouble()).put("max_length", 64)
        .put("layer_norm_epsilon", json.get("layer_norm_eps").asDouble()).put("seed", 1);
    return ModelConfig.of(config).network();
  }

  /** Source sentences without their end token. */
  List<int[]> sources() {
    return sentences("source", "source_lengths", 0, 1);
  }

  /** Target sentences without begin and end token. */
  List<int[]> targets() {
    return sentences("decoder_input", "target_lengths", 1, 0);
  }

  Batch batch() {
    return new SequenceToSequence(json.get("bos").asInt(), json.get("eos").asInt()).batch(sources(), targets(), 0, 0);
  }

  /** The rows of a padded expected array {@code [sentences, time, width]} that are real tokens, one after another. */
  float[] packedRows(String name, String lengths, int width) {
    float[] padded = expected.get(name);
    JsonNode length = json.get(lengths);
    int time = padded.length / length.size() / width;
    List<float[]> rows = new ArrayList<>();
    for (int s = 0; s < length.size(); s++) {
      for (int i = 0; i < length.get(s).asInt(); i++) {
        int from = (s * time + i) * width;
        rows.add(Arrays.copyOfRange(padded, from, from + width));
      }
    }
    float[] packed = new float[rows.size() * width];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, packed, i * width, width);
    }
    return packed;
  }

  private List<int[]> sentences(String name, String lengths, int from, int dropLast) {
    List<int[]> sentences = new ArrayList<>();
    for (int s = 0; s < json.get(name).size(); s++) {
      int to = json.get(lengths).get(s).asInt() - dropLast;
      int[] sentence = new int[to - from];
      for (int i = from; i < to; i++) {
        sentence[i - from] = json.get(name).get(s).get(i).asInt();
      }
      sentences.add(sentence);
    }
    return sentences;
  }

  /** Reads the format by its specification, apart from the project's own reader. */
  private static Map<String, float[]> safetensors(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(bytes.getLong());
    JsonNode header = new ObjectMapper().readTree(bytes.array(), 8, headerLength);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    header.properties().forEach(entry -> {
      if (!entry.getKey().equals("__metadata__")) {
        int from = 8 + headerLength + entry.getValue().get("data_offsets").get(0).asInt();
        int to = 8 + headerLength + entry.getValue().get("data_offsets").get(1).asInt();
        float[] values = new float[(to - from) / 4];
        bytes.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        tensors.put(entry.getKey(), values);
      }
    });
    return tensors;
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
