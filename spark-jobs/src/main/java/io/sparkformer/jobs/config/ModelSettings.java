package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.belowOne;
import static io.sparkformer.jobs.config.Limits.oneOf;
import static io.sparkformer.jobs.config.Limits.positive;

import java.io.Serializable;
import java.util.List;

/** The {@code model} group; base.conf says what each value means and which words it takes. */
public record ModelSettings(
    String kind,
    int encoderLayers,
    int decoderLayers,
    int dModel,
    int heads,
    int ffn,
    String norm,
    String activation,
    String positions,
    String tiedEmbeddings,
    double dropout,
    double attentionDropout,
    double activationDropout,
    double labelSmoothing,
    int maxLength,
    double layerNormEpsilon) implements Serializable {

  public ModelSettings {
    oneOf("model.kind", kind, List.of("encoder-decoder"));
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
    oneOf("model.norm", norm, List.of("post", "pre"));
    oneOf("model.activation", activation, List.of("relu", "gelu"));
    oneOf("model.positions", positions, List.of("sinusoidal"));
    Limits.require(dModel % 2 == 0, "model.d-model", dModel, "must be even: sinusoidal positions are pairs of sine and cosine");
    oneOf("model.tied-embeddings", tiedEmbeddings, List.of("all", "decoder", "none"));
    belowOne("model.dropout", dropout);
    belowOne("model.attention-dropout", attentionDropout);
    belowOne("model.activation-dropout", activationDropout);
    belowOne("model.label-smoothing", labelSmoothing);
    Limits.atLeast("model.max-length", maxLength, 2);
    positive("model.layer-norm-epsilon", layerNormEpsilon);
  }

  static ModelSettings from(SettingValues values) {
    return new ModelSettings(
        values.needed("model.kind"),
        values.integer("model.encoder-layers"),
        values.integer("model.decoder-layers"),
        values.integer("model.d-model"),
        values.integer("model.heads"),
        values.integer("model.ffn"),
        values.needed("model.norm"),
        values.needed("model.activation"),
        values.needed("model.positions"),
        values.needed("model.tied-embeddings"),
        values.decimal("model.dropout"),
        values.decimal("model.attention-dropout"),
        values.decimal("model.activation-dropout"),
        values.decimal("model.label-smoothing"),
        values.integer("model.max-length"),
        values.decimal("model.layer-norm-epsilon"));
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
