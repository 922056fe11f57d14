package io.sparkformer.model.graph;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.objective.MaskedToken;
import io.sparkformer.model.objective.NextToken;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** One network of each kind, four heads wide, all dropouts 0.1 where the kind has them, and what it is trained on. */
enum NetworkKind {
  POST_NORM, PRE_NORM, GPT2, MISTRAL, FALCON, BERT, T5;

  static final int VOCABULARY = 2000;
  private static final int MAX_LENGTH = 128;
  private static final int MASK = 3;

  NetworkConfig network(int layers, int width) {
    return switch (this) {
      case POST_NORM -> paper(layers, width, NormPosition.POST, Activation.RELU, TiedEmbeddings.ALL);
      case PRE_NORM -> paper(layers, width, NormPosition.PRE, Activation.GELU, TiedEmbeddings.DECODER);
      case GPT2 -> of(json("gpt2").put("n_embd", width).put("n_head", 4).put("n_layer", layers).put("n_positions", MAX_LENGTH));
      case MISTRAL -> of(hidden("mistral", layers, width).put("num_key_value_heads", 2).put("sliding_window", 32));
      case FALCON -> of(hidden("falcon", layers, width));
      case BERT -> bert(layers, width);
      case T5 -> of(json("t5").put("d_model", width).put("d_kv", width / 4).put("num_heads", 4).put("d_ff", 3 * width)
          .put("num_layers", layers).put("feed_forward_proj", "gated-gelu"));
    };
  }

  private static NetworkConfig paper(int layers, int width, NormPosition norm, Activation activation, TiedEmbeddings tied) {
    return new TransformerSettings(layers, layers, width, 4, 4 * width, norm, activation, tied, 0.1, 0.1, 0.1, 0.1,
        MAX_LENGTH, 1e-5).config(VOCABULARY, new SpecialTokens(0, 1, 2), 1).network();
  }

  private static NetworkConfig bert(int layers, int width) {
    ObjectNode json = hidden("bert", layers, width);
    json.putArray("architectures").add("BertForMaskedLM");
    return of(json);
  }

  private static ObjectNode json(String type) {
    return new ObjectMapper().createObjectNode().put("model_type", type).put("vocab_size", VOCABULARY).put("seed", 1);
  }

  private static ObjectNode hidden(String type, int layers, int width) {
    return json(type).put("hidden_size", width).put("num_attention_heads", 4).put("num_hidden_layers", layers)
        .put("intermediate_size", 4 * width).put("max_position_embeddings", MAX_LENGTH);
  }

  private static NetworkConfig of(ObjectNode json) {
    return ModelConfig.of(json).network();
  }

  /** Sequences that all have {@code length} tokens, {@code tokens} together if it divides them; at least one sequence. */
  Batch batch(Random random, int tokens, int length) {
    int count = Math.max(1, tokens / length);
    return switch (this) {
      case POST_NORM, PRE_NORM, T5 -> PaperNetwork.PAIRS.batch(sequences(random, count, length - 1), sequences(random, count, length - 1),
          0, 0);
      case GPT2, MISTRAL, FALCON -> new NextToken().batch(sequences(random, count, length + 1), 0);
      case BERT -> new MaskedToken(0.15, MASK, VOCABULARY, Set.of(0, 1, 2)).batch(sequences(random, count, length), 0, random.nextLong());
    };
  }

  private static List<int[]> sequences(Random random, int count, int length) {
    return Stream.generate(() -> random.ints(length, MASK + 1, VOCABULARY).toArray()).limit(count).toList();
  }
}
