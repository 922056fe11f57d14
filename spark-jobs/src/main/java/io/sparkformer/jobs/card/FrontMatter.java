package io.sparkformer.jobs.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.jobs.config.CardSettings;
import java.util.regex.Pattern;

/** What programs read of a card: a mapping in YAML, whose scalars and lists are written as JSON, of which YAML is a superset. */
final class FrontMatter {
  /** What licences of Hugging Face's list look like; anything else is {@code other} with a name. */
  private static final Pattern LICENSE_CODE = Pattern.compile("[a-z0-9][a-z0-9.-]*");
  private static final double DECIMALS = 1e4;

  private FrontMatter() {}

  static String of(CardSettings card, ModelTask task, String architecture, String title, CardScores scores) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    if (LICENSE_CODE.matcher(card.license()).matches()) {
      fields.put("license", card.license());
    } else if (!card.license().isEmpty()) {
      fields.put("license", "other").put("license_name", card.license());
    }
    if (!card.languages().isEmpty()) {
      card.languages().forEach(fields.putArray("language")::add);
    }
    if (!architecture.isEmpty()) {
      fields.put("library_name", "transformers");
    }
    fields.put("pipeline_tag", task.tag());
    fields.putArray("tags").add("sparkformer").add(task.tag());
    if (scores.hasValidation()) {
      addResults(fields, task, title, scores);
    }
    StringBuilder yaml = new StringBuilder("---\n");
    fields.properties().forEach(field -> yaml.append(field.getKey()).append(": ").append(field.getValue()).append('\n'));
    return yaml.append("---\n").toString();
  }

  private static void addResults(ObjectNode fields, ModelTask task, String title, CardScores scores) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.putObject("task").put("type", task.tag()).put("name", task.words());
    result.putObject("dataset").put("name", "validation part of the training data").put("type", "validation");
    if (scores.hasBleu()) {
      result.withArray("metrics").add(metric("bleu", "BLEU", scores.bleu()));
    }
    if (task == ModelTask.TEXT_CLASSIFICATION) {
      result.withArray("metrics").add(metric("loss", "mean loss of a text", scores.nll()));
      if (Double.isFinite(scores.accuracy())) {
        result.withArray("metrics").add(metric("accuracy", "accuracy", scores.accuracy()));
      }
    } else {
      result.withArray("metrics").add(metric("loss", "cross-entropy, nats per target token", scores.nll()));
      result.withArray("metrics").add(metric("perplexity", "perplexity", Math.exp(scores.nll())));
    }
    ObjectNode model = JsonNodeFactory.instance.objectNode().put("name", title);
    model.putArray("results").add(result);
    fields.putArray("model-index").add(model);
  }

  private static JsonNode metric(String type, String name, double value) {
    return JsonNodeFactory.instance.objectNode().put("type", type).put("name", name)
        .put("value", Math.round(value * DECIMALS) / DECIMALS);
  }
}
