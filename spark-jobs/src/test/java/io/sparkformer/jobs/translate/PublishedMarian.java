package io.sparkformer.jobs.translate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubWriter;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.hub.TensorType;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** A folder with the files of Helsinki-NLP's models: a small network with random weights, and SentencePiece files. */
final class PublishedMarian {
  private static final Path TOKENIZER = Path.of("../data-prep/src/test/resources/io/sparkformer/data/tokenizer/marian");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int VOCABULARY = 345;
  private static final int PADDING = VOCABULARY - 1;
  /** Far from the small first weights, of which every text has the same translation. */
  private static final double LARGE = 14;

  private PublishedMarian() {}

  /** Writes it; returns what its tokenizer is to give. */
  static JsonNode write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String file : new String[] {"source.spm", "target.spm", "vocab.json", "tokenizer_config.json"}) {
      Files.copy(TOKENIZER.resolve(file), folder.resolve(file));
    }
    ObjectNode config = JSON.createObjectNode().put("model_type", "marian").put("d_model", 32).put("encoder_layers", 1)
        .put("decoder_layers", 1).put("encoder_attention_heads", 2).put("decoder_attention_heads", 2).put("encoder_ffn_dim", 48)
        .put("decoder_ffn_dim", 48).put("activation_function", "swish").put("vocab_size", VOCABULARY)
        .put("decoder_vocab_size", VOCABULARY).put("max_position_embeddings", 128).put("scale_embedding", true).put("init_std", 0.02)
        .put("pad_token_id", PADDING).put("decoder_start_token_id", PADDING).put("eos_token_id", 0).put("forced_eos_token_id", 0);
    config.putArray("architectures").add("MarianMTModel");
    ModelConfig model = ModelConfig.of(config);
    TransformerModel network = TransformerModel.create(model.network(), new Nd4jKernels());
    network.parameters().muli(LARGE);
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
    new HubWriter(TensorType.F32).write(FileSystem.get(path.toUri(), new Configuration()), path, model,
        ModelTensors.of(model, network).all());
    ObjectNode generation = JSON.createObjectNode().put("_from_model_config", true).put("bos_token_id", 0)
        .put("decoder_start_token_id", PADDING).put("eos_token_id", 0).put("forced_eos_token_id", 0).put("max_length", 512)
        .put("num_beams", 6).put("pad_token_id", PADDING);
    generation.putArray("bad_words_ids").addArray().add(PADDING);
    Files.writeString(folder.resolve("generation_config.json"), generation.toString());
    return JSON.readTree(TOKENIZER.resolve("expected.json").toFile());
  }

  /** The text of tokens, by the folder's {@code vocab.json} alone. */
  static String text(Path folder, int[] tokens) throws IOException {
    Map<Integer, String> pieces = new HashMap<>();
    JSON.readTree(folder.resolve("vocab.json").toFile()).properties().forEach(each -> pieces.put(each.getValue().asInt(),
        each.getKey()));
    return Arrays.stream(tokens).filter(token -> token > 1 && token != PADDING).mapToObj(pieces::get).collect(Collectors.joining())
        .replace('\u2581', ' ').strip();
  }
}
