package io.sparkformer.model.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.HeadConfig.SequenceClass.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** A Hugging Face {@code config.json}, read key by key; errors name the key, its value and what would do. */
public final class ConfigJson {
  static final String PROBLEM = "problem_type";
  static final String SINGLE_LABEL = "single_label_classification";
  static final String REGRESSION = "regression";

  private final ObjectNode json;

  public ConfigJson(ObjectNode json) {
    this.json = json;
  }

  /** Everything, also what nothing reads. */
  public ObjectNode json() {
    return json;
  }

  /** The family. */
  public String modelType() {
    return text("model_type");
  }

  /** Hugging Face's classes of the model: {@code BertForMaskedLM}; empty if the file does not say. */
  public List<String> classes() {
    JsonNode classes = json.path("architectures");
    return StreamSupport.stream(classes.spliterator(), false).map(JsonNode::asText).toList();
  }

  /** Whether the model is of a class. */
  public boolean isClass(String name) {
    return classes().contains(name);
  }

  boolean has(String key) {
    return !json.path(key).isMissingNode() && !json.path(key).isNull();
  }

  String text(String key) {
    return present(key).asText();
  }

  String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  int integer(String key) {
    JsonNode value = present(key);
    if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
      throw invalid(key, value, "must be an integer");
    }
    return value.asInt();
  }

  int integer(String key, int otherwise) {
    return has(key) ? integer(key) : otherwise;
  }

  double number(String key) {
    JsonNode value = present(key);
    if (!value.isNumber()) {
      throw invalid(key, value, "must be a number");
    }
    return value.asDouble();
  }

  double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = present(key);
    if (!value.isBoolean()) {
      throw invalid(key, value, "must be true or false");
    }
    return value.asBoolean();
  }

  /** How many classes the head has: the length of {@code id2label}, or {@code num_labels}; 2 if neither is there. */
  int labels() {
    return json.path("id2label").isObject() ? json.path("id2label").size() : integer("num_labels", 2);
  }

  /** What a classifier of sequences learns: {@code problem_type}; as in Hugging Face's classes one label alone is a value. */
  Problem problem() {
    require(PROBLEM, SINGLE_LABEL, REGRESSION);
    return text(PROBLEM, labels() == 1 ? REGRESSION : SINGLE_LABEL).equals(REGRESSION) ? Problem.REGRESSION : Problem.SINGLE_LABEL;
  }

  /** The names of the classes, {@code id2label}, by their numbers; {@code LABEL_0} and so on for those without a name. */
  List<String> labelNames() {
    return IntStream.range(0, labels()).mapToObj(label -> json.path("id2label").path(Integer.toString(label)).asText("LABEL_" + label))
        .toList();
  }

  /** An activation by Hugging Face's name. */
  Activation activation(String key) {
    return activation(key, text(key));
  }

  static Activation activation(String key, String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "relu" -> Activation.RELU;
      case "gelu", "gelu_python" -> Activation.GELU;
      case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Activation.GELU_TANH;
      case "silu", "swish" -> Activation.SILU;
      case "tanh" -> Activation.TANH;
      default -> throw unknown(key, name, "relu, gelu, gelu_new, silu, swish, tanh");
    };
  }

  /** Refuses every value of a key but those named; a missing or null key is fine. */
  void require(String key, Object... supported) {
    if (!has(key)) {
      return;
    }
    String found = present(key).isValueNode() ? text(key) : present(key).toString();
    for (Object value : supported) {
      if (found.equals(value.toString())) {
        return;
      }
    }
    throw unknown(key, found, String.join(", ", java.util.Arrays.stream(supported).map(Object::toString).toList()));
  }

  /** Refuses what no family here can do: weights that are quantized in a way of their own. */
  void refuseQuantization() {
    if (has("quantization_config")) {
      throw new IllegalArgumentException("config.json: quantization_config %s is not supported; take the model's float weights"
          .formatted(json.path("quantization_config").path("quant_method").asText("")));
    }
  }

  /**
   * The factor of linear rotary scaling; 1 without {@code rope_scaling}.
   *
   * @throws IllegalArgumentException when another kind of scaling is asked for
   */
  double linearRopeScaling() {
    if (!has("rope_scaling")) {
      return 1;
    }
    JsonNode scaling = json.path("rope_scaling");
    String type = scaling.path("type").asText(scaling.path("rope_type").asText(""));
    if (!Set.of("linear", "default").contains(type)) {
      throw unknown("rope_scaling.type", type, "linear");
    }
    return type.equals("linear") ? scaling.path("factor").asDouble(1) : 1;
  }

  static InvalidValueException unknown(String key, String found, String supported) {
    return new InvalidValueException("config.json: %s = %s is not supported; supported: %s".formatted(key, found, supported), key, found,
        "must be one of " + supported);
  }

  static InvalidValueException invalid(String key, Object found, String requirement) {
    return new InvalidValueException("config.json: %s = %s %s".formatted(key, found, requirement), key, found, requirement);
  }

  private JsonNode present(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException("config.json: %s is missing".formatted(key));
    }
    return json.path(key);
  }
}
