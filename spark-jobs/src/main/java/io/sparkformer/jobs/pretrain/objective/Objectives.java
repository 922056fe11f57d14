package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.InvalidInputException;
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
    TrainingObjective objective = make(settings, data, model);
    String name = settings.objective().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (data.kind() != objective.examples()) {
      throw new InvalidInputException(("train.objective = %s learns from %s, but train.data holds %s; set train.objective = %s, or prepare "
          + "other text").formatted(name, objective.examples().text(), data.kind().text(),
              data.rows() == null ? "translation" : "next-token, masked-token, denoised-spans or prefix"));
    }
    boolean fits = switch (settings.objective()) {
      case TRANSLATION, DENOISED_SPANS, PREFIX -> network.isEncoderDecoder();
      case NEXT_TOKEN -> network.encoder() == null;
      case MASKED_TOKEN -> network.decoder() == null;
    };
    if (!fits || network.heads().stream().noneMatch(HeadConfig.Vocabulary.class::isInstance)) {
      throw new InvalidInputException(("train.objective = %s needs %s with a vocabulary to predict; model.architecture is a network of %s: "
          + "choose another of the two").formatted(name, stacks(settings.objective()), network.isEncoderDecoder() ? "encoder and decoder"
              : network.encoder() == null ? "a decoder alone" : "an encoder alone"));
    }
    return objective;
  }

  private static String stacks(Objective objective) {
    return switch (objective) {
      case TRANSLATION, DENOISED_SPANS, PREFIX -> "an encoder and a decoder";
      case NEXT_TOKEN -> "a decoder alone";
      case MASKED_TOKEN -> "an encoder alone";
    };
  }

  private static TrainingObjective make(ObjectiveSettings settings, ShardManifest data, PlannedModel model) {
    int endOfDocument = data.rows() == null ? model.control().end() : data.rows().endOfDocument();
    RowText text = new RowText(endOfDocument, settings.attention());
    return switch (settings.objective()) {
      case TRANSLATION -> new Translation(model.control().begin(), model.control().end());
      case NEXT_TOKEN -> new NextTokens(text);
      case MASKED_TOKEN -> new MaskedTokens(text, settings.maskedShare(), mask(model), data.vocabularySize(),
          special(model, endOfDocument), settings.wholeWords() ? model.tokens().continuing() : Set.of());
      case DENOISED_SPANS -> new TextToText(text, new TextToText.Spans(spans(settings, data, model)), model.control().begin(),
          model.control().end());
      case PREFIX -> new TextToText(text, new TextToText.Prefix(), model.control().begin(), model.control().end());
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
