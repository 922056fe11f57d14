package io.sparkformer.jobs.generate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.GenerateSettings;
import io.sparkformer.jobs.model.Chosen;
import io.sparkformer.jobs.model.ChosenGroups;
import io.sparkformer.jobs.model.ChosenRules;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.SamplingOptions;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.TokenDefaults;
import java.util.ArrayList;
import java.util.List;

/**
 * How texts are generated: as the settings say, and where they do not, as the model's files do.
 *
 * @param lines what was chosen, and which of it by the model's files, for the log
 */
record GenerationChoice(GenerationOptions options, List<String> lines) {
  private static final int MAX_NEW_TOKENS = 128;
  /** Of Wu et al. 2016, as {@code translate} has it. */
  private static final double LENGTH_PENALTY = 0.6;

  /** @throws InvalidInputException when the values do not go together */
  static GenerationChoice of(GenerateSettings settings, GenerationConfig model) {
    TokenDefaults defaults = model.tokens();
    Chosen<Integer> most = Chosen.of(settings.maxNewTokens(), defaults.maxNewTokens(), MAX_NEW_TOKENS, model);
    ChosenRules rules = ChosenRules.of(settings.rules(), model);
    Chosen<Integer> least = rules.minTokens();
    if (least.value() > most.value()) {
      throw new InvalidInputException("Invalid generate.min-new-tokens: %s (must be at most generate.max-new-tokens, %s)"
          .formatted(least, most));
    }
    boolean asked = settings.temperature() != null || settings.topK() != null || settings.topP() != null || settings.minP() != null;
    boolean samples = asked ? settings.temperature() == null || settings.temperature() > 0
        : settings.beam() == null && defaults.samples();
    Chosen<Integer> beam = Chosen.of(asked || samples ? Integer.valueOf(1) : settings.beam(), model.beams(), 1, model);
    List<String> lines = new ArrayList<>();
    SamplingOptions sampling = SamplingOptions.GREEDY;
    DecodingOptions beams = null;
    if (samples) {
      Chosen<Double> temperature = Chosen.of(settings.temperature(), defaults.temperature(), 1.0, model);
      Chosen<Integer> topK = Chosen.of(settings.topK(), defaults.topK(), 0, model);
      Chosen<Double> topP = Chosen.of(settings.topP(), defaults.topP(), 1.0, model);
      Chosen<Double> minP = Chosen.of(settings.minP(), defaults.minP(), 0.0, model);
      sampling = new SamplingOptions(temperature.value(), topK.value(), topP.value(), minP.value());
      lines.add("search: sampling, temperature %s, top-k %s, top-p %s, min-p %s, seed %d".formatted(temperature, topK, topP, minP,
          settings.seed()));
    } else if (beam.value() > 1) {
      Chosen<Double> length = Chosen.of(settings.lengthPenalty(), model.lengthPenalty(),
          model.rules() == SearchRules.GNMT ? LENGTH_PENALTY : 1, model);
      if (settings.samples() > beam.value()) {
        throw new InvalidInputException("Invalid generate.samples: %d (must be at most the beam, %s; set generate.beam, or generate."
            .formatted(settings.samples(), beam) + "temperature to draw texts)");
      }
      beams = ChosenGroups.of(new DecodingOptions(beam.value(), length.value(), settings.samples(), 0, most.value(), model.rules())
          .with(model.earlyStop()).with(rules.rules()), "generate", settings.groups(), settings.diversity(), model);
      lines.add("search: beam %s%s, length penalty %s".formatted(beam, ChosenGroups.line(beams), length));
    } else {
      lines.add("search: greedy");
      if (settings.samples() > 1) {
        throw new InvalidInputException("Invalid generate.samples: %d (must be 1: greedy search finds one text; set generate.temperature "
            .formatted(settings.samples()) + "to draw texts, or generate.beam)");
      }
    }
    lines.set(0, lines.get(0) + "; %s, %s to %s new tokens".formatted(rules.line(), least, most));
    List<String> ignored = model.ignored().stream().filter(each -> !TokenDefaults.isOfSampling(each)).toList();
    if (!ignored.isEmpty()) {
      lines.add("not supported, and left out, of %s: %s".formatted(model.source(), String.join(", ", ignored)));
    }
    return new GenerationChoice(new GenerationOptions(beams, sampling, rules.rules(), settings.samples(),
        most.value(), settings.stop(), settings.batchSize(), settings.seed()), lines);
  }
}
