package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.belowOne;
import static io.sparkformer.jobs.config.Limits.positive;

import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.architecture.TransformerSettings.SpecialTokens;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import java.io.Serializable;

/** The {@code model} group; base.conf says what each value means and which words it takes. */
public record ModelSettings(
    int encoderLayers,
    int decoderLayers,
    int dModel,
    int heads,
    int ffn,
    NormPosition norm,
    Activation activation,
    TiedEmbeddings tiedEmbeddings,
    double dropout,
    double attentionDropout,
    double activationDropout,
    double labelSmoothing,
    int maxLength,
    double layerNormEpsilon) implements Serializable {

  public ModelSettings {
    positive("model.encoder-layers", encoderLayers);
    positive("model.decoder-layers", decoderLayers);
    positive("model.d-model", dModel);
    positive("model.heads", heads);
    if (dModel % heads != 0) {
      throw InvalidSettingException.problem("model.heads",
          "model.heads must divide model.d-model: heads=" + heads + ", d-model=" + dModel,
          "try heads=" + nearestDivisor(dModel, heads));
    }
    positive("model.ffn", ffn);
    Limits.require(activation != Activation.TANH, "model.activation", "tanh", "must be relu or gelu or gelu-tanh or silu");
    Limits.require(dModel % 2 == 0, "model.d-model", dModel, "must be even: sinusoidal positions are pairs of sine and cosine");
    belowOne("model.dropout", dropout);
    belowOne("model.attention-dropout", attentionDropout);
    belowOne("model.activation-dropout", activationDropout);
    belowOne("model.label-smoothing", labelSmoothing);
    Limits.atLeast("model.max-length", maxLength, 2);
    positive("model.layer-norm-epsilon", layerNormEpsilon);
  }

  static ModelSettings from(SettingValues values) {
    return new ModelSettings(
        values.integer("model.encoder-layers"),
        values.integer("model.decoder-layers"),
        values.integer("model.d-model"),
        values.integer("model.heads"),
        values.integer("model.ffn"),
        values.choice("model.norm", NormPosition.values()),
        values.choice("model.activation", Activation.values()),
        values.choice("model.tied-embeddings", TiedEmbeddings.values()),
        values.decimal("model.dropout"),
        values.decimal("model.attention-dropout"),
        values.decimal("model.activation-dropout"),
        values.decimal("model.label-smoothing"),
        values.integer("model.max-length"),
        values.decimal("model.layer-norm-epsilon"));
  }

  /**
   * The network over a vocabulary.
   *
   * @param vocabulary entries, special tokens included
   * @param seed of initial weights and dropout
   */
  public ModelConfig config(int vocabulary, long seed) {
    return new TransformerSettings(vocabulary, encoderLayers, decoderLayers, dModel, heads, ffn, norm, activation, tiedEmbeddings, dropout,
        attentionDropout, activationDropout, labelSmoothing, maxLength, layerNormEpsilon, seed,
        new SpecialTokens(SpecialToken.PADDING.id(), SpecialToken.BEGIN.id(), SpecialToken.END.id())).config();
  }

  /** The divisor of {@code number} that is closest to {@code wish}; of two, the larger. */
  private static int nearestDivisor(int number, int wish) {
    for (int away = 0; away < number; away++) {
      if (number % (wish + away) == 0) {
        return wish + away;
      }
      if (wish > away && number % (wish - away) == 0) {
        return wish - away;
      }
    }
    return 1;
  }
}
