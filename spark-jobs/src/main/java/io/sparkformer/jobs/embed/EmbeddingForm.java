package io.sparkformer.jobs.embed;

import io.sparkformer.jobs.config.EmbedSettings;
import io.sparkformer.jobs.config.EmbedSettings.Normalize;
import io.sparkformer.model.kernel.PoolingKernel;
import java.io.Serializable;
import java.util.Locale;

/**
 * How a model's vectors are made.
 *
 * @param lowerCase whether text is lower-cased before it is cut into tokens
 * @param maxLength most tokens of a text, special ones included
 */
record EmbeddingForm(PoolingKernel.Kind pooling, boolean normalized, boolean lowerCase, int maxLength) implements Serializable {

  /**
   * @param files what the model's folder says
   * @param networkLength the longest sequence that the network accepts
   */
  static EmbeddingForm of(EmbedSettings settings, SentenceTransformersFiles files, int networkLength) {
    PoolingKernel.Kind pooling = switch (settings.pooling()) {
      case AUTO -> files.pooling();
      case MEAN -> PoolingKernel.Kind.MEAN;
      case FIRST -> PoolingKernel.Kind.FIRST;
    };
    boolean normalized = settings.normalize() == Normalize.AUTO ? files.normalized() : settings.normalize() == Normalize.TRUE;
    int wanted = settings.maxLength() > 0 ? settings.maxLength() : files.maxLength();
    return new EmbeddingForm(pooling, normalized, files.lowerCase(), Math.min(wanted, networkLength));
  }

  /** For the log. */
  String description() {
    return String.format(Locale.ROOT, "%s, %s, texts of at most %,d tokens",
        pooling == PoolingKernel.Kind.MEAN ? "mean of all tokens" : "first token", normalized ? "normalized" : "not normalized", maxLength);
  }
}
