package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.jobs.config.ObjectiveSettings;
import io.sparkformer.jobs.config.ObjectiveSettings.Objective;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/** Makes the objective that the settings name, for data and a network that suit it. */
public final class Objectives {
  private Objectives() {}

  /** @throws InvalidInputException when the data or the network does not suit the objective */
  public static TrainingObjective of(ObjectiveSettings settings, ShardManifest data, NetworkConfig network) {
    TrainingObjective objective = make(settings, data);
    String name = settings.objective().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (data.kind() != objective.examples()) {
      throw new InvalidInputException(("train.objective = %s learns from %s, but train.data holds %s; set train.objective = %s, or prepare "
          + "other text").formatted(name, objective.examples().text(), data.kind().text(),
              data.rows() == null ? "translation" : "next-token or masked-token"));
    }
    boolean fits = switch (settings.objective()) {
      case TRANSLATION -> network.isEncoderDecoder();
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
      case TRANSLATION -> "an encoder and a decoder";
      case NEXT_TOKEN -> "a decoder alone";
      case MASKED_TOKEN -> "an encoder alone";
    };
  }

  private static TrainingObjective make(ObjectiveSettings settings, ShardManifest data) {
    int endOfDocument = data.rows() == null ? SpecialToken.END.id() : data.rows().endOfDocument();
    RowText text = new RowText(endOfDocument, settings.attention());
    return switch (settings.objective()) {
      case TRANSLATION -> new Translation();
      case NEXT_TOKEN -> new NextTokens(text);
      case MASKED_TOKEN -> new MaskedTokens(text, settings.maskedShare(), SpecialToken.MASK.id(), data.vocabularySize(),
          special(endOfDocument));
    };
  }

  private static Set<Integer> special(int endOfDocument) {
    Set<Integer> special = new HashSet<>(IntStream.range(0, SpecialToken.count()).boxed().toList());
    special.add(endOfDocument);
    return special;
  }
}
