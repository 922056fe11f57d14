package io.sparkformer.jobs.card;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.jobs.config.CardSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.model.architecture.ModelConfig;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * What is known of a model when its training begins.
 *
 * @param settings what a person has said
 * @param title of the card
 * @param architecture class of Hugging Face's that loads the model; empty if there is none
 * @param network the network in a line
 * @param data its training and validation data, as Markdown
 * @param differences the settings that differ from the defaults
 * @param workers how many there were, and of how many threads each
 */
public record ModelCard(CardSettings settings, String title, String architecture, String network, String data, List<String> differences,
    String workers) implements Serializable {
  /** In a model's folder. */
  public static final String FILE = "README.md";

  public static ModelCard of(Settings settings, String folder, ModelConfig config, ShardManifest data, int workers, int threads) {
    CardSettings card = settings.card();
    JsonNode architectures = config.json().path("architectures");
    return new ModelCard(card, card.title().isEmpty() ? folder : card.title(), architectures.path(0).asText(""),
        config.network().summary(), describe(data),
        settings.differences().stream().filter(ModelCard::isToldToStrangers).toList(),
        (workers == 1 ? "one worker of " : workers + " workers, each of ") + (threads == 1 ? "one thread" : threads + " threads"));
  }

  /** Paths are private, and the address to notify may be a secret: a card is published with its model. */
  private static boolean isToldToStrangers(String setting) {
    return setting.matches("(seed|kernels|precision|model|train|finetune|parameter-server)\\b.*")
        && !setting.matches("(train\\.(data|output|notify)|finetune\\.(train|validation))\\b.*");
  }

  private static String describe(ShardManifest data) {
    List<String> columns = data.kind().tokenColumns().stream()
        .map(column -> column.equals("tokens") ? column : column + " tokens").toList();
    StringBuilder text = new StringBuilder("| | %s | %s | read | dropped |\n".formatted(data.kind().text(), String.join(" | ", columns)))
        .append("|---|---|---|---").append("|---".repeat(columns.size())).append("|\n");
    for (DataPart part : DataPart.values()) {
      ShardSet shards = data.part(part);
      text.append(String.format(Locale.ROOT, "| %s | %,d", part.text(), shards.examples()));
      for (int column = 0; column < columns.size(); column++) {
        text.append(String.format(Locale.ROOT, " | %,d", shards.tokens(column)));
      }
      text.append(String.format(Locale.ROOT, " | %,d | %s |\n", shards.cleaning().read(), shards.cleaning().droppedText()));
    }
    return text.append(String.format(Locale.ROOT, "\nVocabulary: %,d entries.\n", data.vocabularySize())).toString();
  }

  /** The card of the model that a checkpoint holds. */
  public String text(CardScores scores, long parameters, Lineage lineage) {
    ModelTask task = ModelTask.of(architecture);
    StringBuilder text = new StringBuilder(FrontMatter.of(settings, task, architecture, title, scores));
    text.append("\n# ").append(title).append("\n\n");
    text.append(settings.description().isEmpty() ? "A model for " + task.words() + ", trained with Sparkformer." : settings.description());
    text.append("\n\n| | |\n|---|---|\n");
    row(text, "licence", stated(settings.license(), "card.license"));
    row(text, "languages", stated(String.join(", ", settings.languages()), "card.language"));
    row(text, "contact", stated(settings.contact(), "card.contact"));
    row(text, "network", network);
    row(text, "parameters", String.format(Locale.ROOT, "%,d", parameters));
    text.append("\n## Data\n\n").append(stated(settings.data(), "card.data")).append("\n\nLicence of the data: ")
        .append(stated(settings.dataLicense(), "card.data-license")).append(".\n\n").append(data);
    text.append("\n## Training\n\n").append(String.format(Locale.ROOT, "%,d updates on %,d %s, by %s. Settings that differ from "
        + "the defaults (`run.conf` has all):", scores.step(), scores.trainedTargetTokens(),
        task == ModelTask.TEXT_CLASSIFICATION ? "texts" : "target tokens", workers)).append("\n\n```\n");
    differences.forEach(line -> text.append(line).append('\n'));
    text.append("```\n\n## Evaluation\n\n").append(evaluation(task, scores));
    text.append("\n## Use\n\n").append(use(task));
    text.append("\n## Lineage\n\nHash of everything that the model was made of: `").append(lineage.hash())
        .append("`; `lineage.json` has the parts.\n");
    return text.toString();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append("| ").append(cell(name)).append(" | ").append(cell(value)).append(" |\n");
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s+", " ");
  }

  private static String stated(String text, String key) {
    return text.isEmpty() ? "not stated (`" + key + "`)" : text;
  }

  private static String evaluation(ModelTask task, CardScores scores) {
    if (!scores.hasValidation()) {
      return "Not validated.\n";
    }
    StringBuilder text = new StringBuilder("On the validation data, after step ")
        .append(String.format(Locale.ROOT, "%,d", scores.validated()))
        .append(":\n\n| measure | value |\n|---|---|\n");
    if (task == ModelTask.TEXT_CLASSIFICATION) {
      row(text, "mean loss of a text", String.format(Locale.ROOT, "%.4f", scores.nll()));
      if (Double.isFinite(scores.accuracy())) {
        row(text, "accuracy", String.format(Locale.ROOT, "%.2f %%", 100 * scores.accuracy()));
      }
    } else {
      row(text, "cross-entropy, nats per target token", String.format(Locale.ROOT, "%.4f", scores.nll()));
      row(text, "perplexity", String.format(Locale.ROOT, "%.2f", Math.exp(scores.nll())));
    }
    if (scores.hasBleu()) {
      row(text, "BLEU, first %d sentences, greedy search (%s)".formatted(scores.bleuSentences(), scores.bleuSignature()),
          String.format(Locale.ROOT, "%.2f", scores.bleu()));
    }
    return text.toString();
  }

  private String use(ModelTask task) {
    String job = task == ModelTask.TRANSLATION ? "translate" : task == ModelTask.TEXT_CLASSIFICATION ? "predict" : "";
    String ours = job.isEmpty() ? ""
        : "With Sparkformer: `submit-scripts/%s.sh --model FOLDER --input FILE --output FILE`.\n".formatted(job);
    if (architecture.isEmpty()) {
      return ours + "No class of Hugging Face's `transformers` computes this network.\n";
    }
    String call = task == ModelTask.TRANSLATION || task == ModelTask.TEXT_GENERATION
        ? "print(tokenizer.decode(model.generate(**inputs)[0], skip_special_tokens=True))" : "print(model(**inputs))";
    return ours + "\nWith Hugging Face's `transformers` (the model's class is `" + architecture + "`):\n\n```python\n"
        + "from transformers import " + task.loader() + ", AutoTokenizer\n\n"
        + "tokenizer = AutoTokenizer.from_pretrained(\"FOLDER\")\n"
        + "model = " + task.loader() + ".from_pretrained(\"FOLDER\")\n"
        + "inputs = tokenizer(\"A sentence." + (task == ModelTask.TRANSLATION ? "</s>" : "") + "\", return_tensors=\"pt\")\n"
        + call + "\n```\n";
  }
}
