package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.hub.GenerationConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * How translations are searched: as the settings say, and where they do not, as the model's files do.
 *
 * @param lines what was chosen, and which of it by the model's files, for the log
 */
record SearchChoice(DecodingOptions options, List<String> lines) {
  private static final int BEAM = 4;
  /** Of Wu et al. 2016, section 7: between 0.6 and 0.7 was best. */
  private static final double LENGTH_PENALTY = 0.6;
  private static final double HUGGING_FACE_LENGTH_PENALTY = 1;

  /** @throws InvalidInputException when more translations are wanted than the beam is wide */
  static SearchChoice of(TranslateSettings settings, GenerationConfig model) {
    boolean ours = model.rules() == SearchRules.GNMT;
    double usual = ours ? LENGTH_PENALTY : HUGGING_FACE_LENGTH_PENALTY;
    int beam = settings.beam() != null ? settings.beam() : model.beams() != null ? model.beams() : BEAM;
    double penalty = settings.lengthPenalty() != null ? settings.lengthPenalty()
        : model.lengthPenalty() != null ? model.lengthPenalty() : usual;
    if (settings.nBest() > beam) {
      throw new InvalidInputException("Invalid translate.n-best: %d (must be at most the beam, %d%s; set translate.beam)"
          .formatted(settings.nBest(), beam, source(settings.beam(), model.beams(), model)));
    }
    List<String> lines = new ArrayList<>();
    lines.add("search: beam %d%s, length penalty %s%s, scores of %s".formatted(
        beam, source(settings.beam(), model.beams(), model), penalty, source(settings.lengthPenalty(), model.lengthPenalty(), model),
        ours ? "Wu et al. 2016" : "Hugging Face's generate"));
    if (!model.ignored().isEmpty()) {
      lines.add("not supported, and left out, of %s: %s".formatted(model.source(), String.join(", ", model.ignored())));
    }
    return new SearchChoice(new DecodingOptions(beam, penalty, settings.nBest(), settings.maxLengthFactor(), settings.maxLengthExtra(),
        model.rules()), lines);
  }

  /** The model's file, when it is from there that a value comes: where the settings say it, or nobody, there is nothing to add. */
  private static String source(Object set, Object ofModel, GenerationConfig model) {
    return set == null && ofModel != null ? " (%s)".formatted(model.source()) : "";
  }
}
