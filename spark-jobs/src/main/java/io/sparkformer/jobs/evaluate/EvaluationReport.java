package io.sparkformer.jobs.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What evaluate prints, for people or for programs.
 *
 * @param translations of a file of translations
 * @param model of a model
 */
public record EvaluationReport(Optional<CorpusScores> translations, Optional<ModelScores> model) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The numbers as lines: BLEU and chrF2 as sacreBLEU prints them, then the model's. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    translations.ifPresent(scores -> {
      lines.add("BLEU|" + scores.bleuSignature() + " = " + scores.bleu());
      lines.add(String.format(Locale.ROOT, "chrF2|%s = %.2f", scores.chrF2Signature(), scores.chrF2()));
    });
    model.ifPresent(scores -> {
      lines.add(String.format(Locale.ROOT, "%s loss = %.4f (label-smoothed %.4f), perplexity = %.2f; %,d target tokens, "
          + "%,d pairs", scores.part(), scores.negativeLogLikelihood(), scores.loss(), scores.perplexity(),
          scores.targetTokens(), scores.pairs()));
      lines.add(String.format(Locale.ROOT, "unigram model of the training targets: loss = %.4f, perplexity = %.2f",
          scores.unigramNegativeLogLikelihood(), scores.unigramPerplexity()));
    });
    return lines;
  }

  /** The same numbers, unrounded, as one line of JSON. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    translations.ifPresent(scores -> {
      root.put("segments", scores.segments());
      ObjectNode bleu = root.putObject("bleu");
      bleu.put("score", scores.bleu().score());
      bleu.putPOJO("precisions", scores.bleu().precisions());
      bleu.put("brevityPenalty", scores.bleu().brevityPenalty());
      bleu.put("lengthRatio", scores.bleu().lengthRatio());
      bleu.put("hypothesisWords", scores.bleu().statistics().hypothesisWords());
      bleu.put("referenceWords", scores.bleu().statistics().referenceWords());
      bleu.put("signature", scores.bleuSignature());
      root.putObject("chrF2").put("score", scores.chrF2()).put("signature", scores.chrF2Signature());
    });
    model.ifPresent(scores -> root.putObject("model")
        .put("part", scores.part()).put("pairs", scores.pairs()).put("targetTokens", scores.targetTokens())
        .put("loss", scores.loss()).put("negativeLogLikelihood", scores.negativeLogLikelihood())
        .put("perplexity", scores.perplexity())
        .put("unigramNegativeLogLikelihood", scores.unigramNegativeLogLikelihood())
        .put("unigramPerplexity", scores.unigramPerplexity()));
    return root.toString();
  }
}
