package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.jobs.model.Chosen;
import io.sparkformer.jobs.model.ChosenGroups;
import io.sparkformer.jobs.model.ChosenRules;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.LengthPenalty;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.decode.TokenRules;
import io.sparkformer.model.hub.GenerationConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

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
    Chosen<Integer> beam = Chosen.of(settings.beam(), model.beams(), BEAM, model);
    Chosen<Double> alpha = Chosen.of(settings.lengthPenalty(), model.lengthPenalty(), ours ? LENGTH_PENALTY : HUGGING_FACE_LENGTH_PENALTY,
        model);
    if (settings.nBest() > beam.value()) {
      throw new InvalidInputException("Invalid translate.n-best: %d (must be at most the beam, %s; set translate.beam)"
          .formatted(settings.nBest(), beam));
    }
    LengthPenalty penalty = settings.lengthNormalization() == null ? model.rules().usualPenalty()
        : LengthPenalty.valueOf(settings.lengthNormalization().toUpperCase(Locale.ROOT));
    ChosenRules rules = ChosenRules.of(settings.rules(), model);
    // What is given is scored as it is, and in a beam of one piece, whatever the model's files say.
    TokenRules tokenRules = Objects.equals(settings.given(), "translation") ? TokenRules.NONE : rules.rules();
    Integer groups = settings.given() == null ? settings.groups() : Integer.valueOf(1);
    DecodingOptions options = ChosenGroups.of(new DecodingOptions(beam.value(), alpha.value(), settings.nBest(), settings.maxLengthFactor(),
        settings.maxLengthExtra(), model.rules()).with(penalty).with(model.earlyStop()).with(tokenRules)
        .withCoverage(settings.coveragePenalty()), "translate", groups, settings.diversity(), model);
    List<String> lines = new ArrayList<>();
    lines.add("search: beam %s%s, length penalty %s%s, %s".formatted(beam, ChosenGroups.line(options), alpha,
        penalty == model.rules().usualPenalty() ? "" : " (" + settings.lengthNormalization() + ")",
        ours ? "scores of Wu et al. 2016" : "scores of Hugging Face's generate"));
    if (!options.tokenRules().areNone()) {
      lines.add("next tokens: %s, at least %s of them".formatted(rules.line(), rules.minTokens()));
    }
    if (!model.ignored().isEmpty()) {
      lines.add("not supported, and left out, of %s: %s".formatted(model.source(), String.join(", ", model.ignored())));
    }
    return new SearchChoice(options, lines);
  }
}
