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
 * @param model of a model on prepared pairs
 * @param text of a language model on text
 * @param labels of predicted labels
 */
public record EvaluationReport(Optional<CorpusScores> translations, Optional<ModelScores> model, Optional<TextScores> text,
    Optional<LabelReport> labels) {

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
    text.ifPresent(scores -> lines.add(scores.masked()
        ? String.format(Locale.ROOT, "masked tokens: loss = %.4f, perplexity = %.2f, accuracy = %.2f %%; %,d tokens hidden in %,d "
            + "documents", scores.loss(), scores.perplexity(), 100 * scores.accuracy(), scores.tokens(), scores.documents())
        : String.format(Locale.ROOT, "loss = %.4f, perplexity = %.2f per token, %.2f per word, bits per byte = %.4f, accuracy = %.2f %%; "
            + "%,d tokens, %,d words, %,d bytes, %,d documents", scores.loss(), scores.perplexity(), scores.wordPerplexity(),
            scores.bitsPerByte(), 100 * scores.accuracy(), scores.tokens(), scores.words(), scores.bytes(), scores.documents())));
    labels.ifPresent(scores -> lines.addAll(scores.lines()));
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
    text.ifPresent(scores -> {
      ObjectNode node = root.putObject("text").put("documents", scores.documents()).put("tokens", scores.tokens())
          .put("loss", scores.loss()).put("perplexity", scores.perplexity()).put("accuracy", scores.accuracy())
          .put("masked", scores.masked());
      if (!scores.masked()) {
        node.put("words", scores.words()).put("bytes", scores.bytes()).put("wordPerplexity", scores.wordPerplexity())
            .put("bitsPerByte", scores.bitsPerByte());
      }
    });
    labels.ifPresent(scores -> root.set("labels", scores.json()));
    return root.toString();
  }
}
