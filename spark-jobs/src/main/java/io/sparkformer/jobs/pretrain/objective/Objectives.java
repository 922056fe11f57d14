package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.ObjectiveSettings;
import io.sparkformer.jobs.config.ObjectiveSettings.Objective;
import io.sparkformer.jobs.pretrain.plan.PlannedModel;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.objective.DenoisedSpans;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Makes the objective that the settings name, for data and a network that suit it. */
public final class Objectives {
  private Objectives() {}

  /** @throws InvalidInputException when the data or the network does not suit the objective */
  public static TrainingObjective of(ObjectiveSettings settings, ShardManifest data, NetworkConfig network, PlannedModel model) {
    if (data.kind() == ExampleKind.LABELLED_TEXTS) {
      return labels(settings, network);
    }
    boolean auto = settings.objective() == Objective.AUTO;
    Objective objective = auto ? usual(network, data.kind()) : settings.objective();
    String name = "train.objective = " + (auto ? "auto, which is %s for a network of %s,".formatted(name(objective), stacks(network))
        : name(objective));
    ExampleKind examples = objective == Objective.TRANSLATION ? ExampleKind.SENTENCE_PAIRS : ExampleKind.TOKEN_ROWS;
    if (data.kind() != examples) {
      throw new InvalidInputException("%s learns from %s, but train.data holds %s; %s".formatted(name, examples.text(), data.kind().text(),
          auto ? "prepare %s (%s), or choose a network that learns from %s".formatted(examples.text(), keys(examples), data.kind().text())
              : "set train.objective = %s, or prepare other text"
                  .formatted(data.rows() == null ? "translation" : "next-token, masked-token, denoised-spans or prefix")));
    }
    if (!stacks(objective).equals(stacks(network)) || network.heads().stream().noneMatch(HeadConfig.Vocabulary.class::isInstance)) {
      throw new InvalidInputException("%s needs %s with a vocabulary to predict; %s is a network of %s%s: choose another of the two"
          .formatted(name, stacks(objective), model.weights() == null ? "model.architecture" : model.weights(), stacks(network),
              network.heads().stream().noneMatch(HeadConfig.Vocabulary.class::isInstance) ? ", which predicts none" : ""));
    }
    return make(objective, settings, data, model);
  }

  private static TrainingObjective labels(ObjectiveSettings settings, NetworkConfig network) {
    if (settings.objective() != Objective.AUTO) {
      throw new InvalidInputException("train.objective = %s, but train.data holds labelled texts, from which their labels are learnt; set "
          .formatted(name(settings.objective())) + "it to auto");
    }
    HeadConfig.SequenceClass head = network.heads().stream().filter(HeadConfig.SequenceClass.class::isInstance)
        .map(HeadConfig.SequenceClass.class::cast).findFirst().orElseThrow(() -> new InvalidInputException("train.data holds labelled "
            + "texts, and the network has no head for labels; name a model folder to begin with (train.from)"));
    return new SequenceLabels(head.problem() == HeadConfig.SequenceClass.Problem.REGRESSION ? SequenceLabels.Problem.VALUES
        : SequenceLabels.Problem.CLASSES);
  }

  /** What networks with such stacks usually learn from such data. */
  private static Objective usual(NetworkConfig network, ExampleKind examples) {
    if (network.isEncoderDecoder()) {
      return examples == ExampleKind.TOKEN_ROWS ? Objective.DENOISED_SPANS : Objective.TRANSLATION;
    }
    return network.encoder() == null ? Objective.NEXT_TOKEN : Objective.MASKED_TOKEN;
  }

  private static String name(Objective objective) {
    return objective.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String keys(ExampleKind examples) {
    return examples == ExampleKind.TOKEN_ROWS ? "prepare.train.text" : "prepare.train.source and prepare.train.target";
  }

  private static String stacks(Objective objective) {
    return switch (objective) {
      case TRANSLATION, DENOISED_SPANS, PREFIX -> "an encoder and a decoder";
      case NEXT_TOKEN -> "a decoder alone";
      case MASKED_TOKEN -> "an encoder alone";
      case AUTO -> throw new IllegalArgumentException("auto stands for another objective");
    };
  }

  private static String stacks(NetworkConfig network) {
    return stacks(usual(network, ExampleKind.SENTENCE_PAIRS));
  }

  private static TrainingObjective make(Objective objective, ObjectiveSettings settings, ShardManifest data, PlannedModel model) {
    int endOfDocument = data.rows() == null ? model.control().end() : data.rows().endOfDocument();
    RowText text = new RowText(endOfDocument, settings.attention());
    return switch (objective) {
      case TRANSLATION -> new Translation(model.control().begin(), model.control().end());
      case NEXT_TOKEN -> new NextTokens(text);
      case MASKED_TOKEN -> new MaskedTokens(text, settings.maskedShare(), mask(model), data.vocabularySize(),
          special(model, endOfDocument), settings.wholeWords() ? model.tokens().continuing() : Set.of());
      case DENOISED_SPANS -> new TextToText(text, new TextToText.Spans(spans(settings, data, model)), model.control().begin(),
          model.control().end());
      case PREFIX -> new TextToText(text, new TextToText.Prefix(), model.control().begin(), model.control().end());
      case AUTO -> throw new IllegalArgumentException("auto stands for another objective");
    };
  }

  private static DenoisedSpans spans(ObjectiveSettings settings, ShardManifest data, PlannedModel model) {
    List<Integer> sentinels = model.tokens().sentinels();
    int following = 0;
    while (following < sentinels.size() && sentinels.get(following) == sentinels.get(0) - following) {
      following++;
    }
    // Any two sentinels, to know how many a row needs.
    int needed = data.rows() == null ? 0
        : new DenoisedSpans(settings.missingShare(), settings.missingSpan(), 1, 2).spans(data.rows().tokens()) + 1;
    if (following < Math.max(2, needed)) {
      throw new InvalidInputException(("train.objective = denoised-spans needs %d tokens for the missing spans of a row of %d tokens "
          + "(<extra_id_0> and so on, with ids one below the other), the tokenizer of train.data has %d; prepare with "
          + "prepare.tokenizer.sentinels = 100, or with T5's tokenizer").formatted(Math.max(2, needed),
              data.rows() == null ? 0 : data.rows().tokens(), following));
    }
    return new DenoisedSpans(settings.missingShare(), settings.missingSpan(), sentinels.get(0), following);
  }

  private static int mask(PlannedModel model) {
    if (model.tokens().mask() == SpecialTokens.NONE) {
      throw new InvalidInputException("train.objective = masked-token needs a mask token (mask_token), which the tokenizer of train.data "
          + "lacks");
    }
    return model.tokens().mask();
  }

  private static Set<Integer> special(PlannedModel model, int endOfDocument) {
    Set<Integer> special = new HashSet<>(model.tokens().special());
    special.add(endOfDocument);
    return special;
  }
}
