package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.jobs.model.ModelLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Models that translate together. */
final class Ensemble {
  private Ensemble() {}

  /**
   * The model and those that the settings name beside it.
   *
   * @throws InvalidInputException one of them has another vocabulary
   */
  static List<ModelLocation> of(Configuration hadoop, ModelLocation first, TranslateSettings settings) throws IOException {
    List<ModelLocation> models = new ArrayList<>(List.of(first));
    for (Path folder : settings.ensemble()) {
      ModelLocation other = ModelLocation.find(hadoop, new ModelChoice(folder, settings.model().average(), settings.model().compute()));
      int here = other.config().network().vocabulary();
      int there = first.config().network().vocabulary();
      if (!other.config().network().isEncoderDecoder() || here != there) {
        throw new InvalidInputException(("The model %s cannot translate together with %s: they need encoders with decoders of one "
            + "vocabulary, which has %d entries here and %d there").formatted(other, first, here, there));
      }
      if (!tokenizer(hadoop, other).equals(tokenizer(hadoop, first))) {
        throw new InvalidInputException("The model %s cannot translate together with %s: their tokenizers differ (SHA-256 of %s and %s)"
            .formatted(other, first, other.tokenizer(), first.tokenizer()));
      }
      models.add(other);
    }
    return models;
  }

  /** Of a Marian folder, which has none, nothing is known. */
  private static String tokenizer(Configuration hadoop, ModelLocation model) throws IOException {
    return model.tokenizer().getFileSystem(hadoop).exists(model.tokenizer()) ? Sha256.ofFile(hadoop, model.tokenizer()) : "";
  }
}
