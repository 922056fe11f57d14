package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerModel;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Models of version 0.1 as {@code MarianMTModel}. Their sines and cosines alternate, Marian's stand in two halves: the elements of the
 * residual stream get another order. All that writes the stream or reads it changes with it, and the outputs are equal.
 */
public final class FirstVersion {
  /** Of every tokenizer of version 0.1. */
  private static final int PADDING = 0;
  private static final double MARIAN_EPSILON = 1e-5;

  private FirstVersion() {}

  /**
   * The description of the same network as {@code MarianMTModel}.
   *
   * @param first a description of version 0.1
   * @throws IllegalArgumentException naming the setting, when no class of Hugging Face's computes the network
   */
  public static ModelConfig marian(ModelConfig first) {
    JsonNode json = first.json();
    if (json.path("norm").asText().equals("pre")) {
      throw noClass("norm = pre", "M2M100ForConditionalGeneration, which is pre-norm, has sines of other frequencies");
    }
    double epsilon = json.path("layer_norm_epsilon").asDouble();
    if (epsilon != MARIAN_EPSILON) {
      throw noClass("layer_norm_epsilon = " + epsilon, "MarianMTModel has " + MARIAN_EPSILON);
    }
    TransformerSettings settings = new TransformerSettings(json.path("encoder_layers").asInt(), json.path("decoder_layers").asInt(),
        json.path("d_model").asInt(), json.path("heads").asInt(), json.path("ffn").asInt(), NormPosition.POST,
        Activation.valueOf(constant(json, "activation")), TiedEmbeddings.valueOf(constant(json, "tied_embeddings")),
        json.path("dropout").asDouble(), json.path("attention_dropout").asDouble(), json.path("activation_dropout").asDouble(),
        json.path("label_smoothing").asDouble(), json.path("max_length").asInt(), epsilon);
    SpecialTokens tokens = new SpecialTokens(PADDING, ControlTokens.STANDARD.begin(), ControlTokens.STANDARD.end());
    return settings.config(json.path("vocabulary").asInt(), tokens, json.path("seed").asLong());
  }

  private static String constant(JsonNode json, String key) {
    return json.path(key).asText().toUpperCase(Locale.ROOT);
  }

  private static IllegalArgumentException noClass(String setting, String why) {
    return new IllegalArgumentException(("no class of Hugging Face's computes a model of version 0.1 with %s: %s; translate.sh and "
        + "evaluate.sh can use the folder as it is").formatted(setting, why));
  }

  /**
   * Fills a network of {@link #marian} with the parameters of a network of version 0.1, in the new order.
   *
   * @param first of version 0.1
   * @param marian of the same sizes and element type
   */
  public static void rewrite(TransformerModel first, TransformerModel marian) {
    int width = first.config().width();
    int[] order = order(width);
    Map<String, NamedParameter> sources = new HashMap<>();
    first.namedParameters().forEach(parameter -> sources.put(parameter.name(), parameter));
    for (NamedParameter parameter : marian.namedParameters()) {
      INDArray values = view(first, sources.get(nameInFirst(parameter.name())));
      // A matrix that reads the stream has it in its columns, tables among them; what writes it has it in its rows.
      INDArray target = view(marian, parameter);
      if (values.rank() == 2 && writes(parameter.name())) {
        target.assign(values.getRows(order));
      } else if (values.rank() == 2) {
        target.assign(values.getColumns(order));
      } else if (inStream(parameter.name())) {
        target.assign(values.reshape(1, width).getColumns(order).reshape(width));
      } else {
        target.assign(values);
      }
    }
    marian.parametersChanged();
  }

  /** Where the elements of Marian's stream stand in that of version 0.1: first the even ones, the sines, then the odd ones. */
  private static int[] order(int width) {
    int[] order = new int[width];
    for (int i = 0; i < width / 2; i++) {
      order[i] = 2 * i;
      order[width / 2 + i] = 2 * i + 1;
    }
    return order;
  }

  private static boolean writes(String name) {
    return name.endsWith(".out_proj.weight") || name.endsWith(".linear2.weight");
  }

  /** Whether a vector is added to the stream or multiplies it. */
  private static boolean inStream(String name) {
    return name.endsWith(".out_proj.bias") || name.endsWith(".linear2.bias") || name.contains(".norm");
  }

  private static String nameInFirst(String name) {
    return switch (name) {
      case "encoder.embedding.weight" -> "source_embedding.weight";
      case "decoder.embedding.weight" -> "target_embedding.weight";
      default -> name;
    };
  }

  private static INDArray view(TransformerModel model, NamedParameter parameter) {
    return model.parameters().get(NDArrayIndex.interval(parameter.offset(), parameter.offset() + parameter.length()))
        .reshape('c', parameter.shape());
  }
}
