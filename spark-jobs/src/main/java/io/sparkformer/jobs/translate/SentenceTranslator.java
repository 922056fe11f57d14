package io.sparkformer.jobs.translate;

import io.sparkformer.data.corpus.NormalizedText;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Demands;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.LogitsDecoder;
import io.sparkformer.model.decode.TranslationBatches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Translates text on one thread: normalizes it as the training text, encodes, searches and decodes the tokens.
 *
 * <p>A blank sentence stays blank. Of a sentence that is longer than the model accepts, the first tokens it accepts are translated.
 * What a translation must be like may stand behind a sentence ({@link Given}).
 *
 * <p>A translation is one line: control characters in it (line breaks, tabs), which a badly trained model can produce, become spaces.
 */
public final class SentenceTranslator implements AutoCloseable {

  private final TranslationModel model;
  private final TranslationForm form;
  private final LogitsDecoder decoder;
  private final BeamSearch search;
  private final TranslationBatches batches;

  /** @param batchTokens source tokens times beam decoded together */
  SentenceTranslator(TranslationModel model, DecodingOptions options, TranslationForm form, int batchTokens) {
    this.model = model;
    this.form = form;
    this.decoder = model.newDecoder(form.watchedLayer());
    this.search = form.given() == null ? new BeamSearch(decoder, options, model.control())
        : BeamSearch.withDemands(decoder, options, model.control());
    this.batches = new TranslationBatches(batchTokens, options.beam());
  }

  /** Translates sentences; one translation for each, in their order. */
  public List<Translation> translate(List<String> sentences) {
    List<Translation> translations = new ArrayList<>(Collections.nCopies(sentences.size(), Translation.BLANK));
    List<Integer> places = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    List<Demands> demands = new ArrayList<>();
    for (int place = 0; place < sentences.size(); place++) {
      String line = sentences.get(place);
      int tab = form.given() == null ? -1 : line.indexOf('\t');
      String text = NormalizedText.of(tab < 0 ? line : line.substring(0, tab));
      if (!text.isEmpty()) {
        places.add(place);
        texts.add(text);
        demands.add(form.given() == null ? null : tab < 0 ? form.given().without(text)
            : form.given().demands(line.substring(tab + 1), model::encodeTarget));
      }
    }
    List<int[]> whole = model.encode(texts);
    int longest = decoder.limits().maxInput();
    List<int[]> sources = whole.stream().map(tokens -> tokens.length > longest ? Arrays.copyOf(tokens, longest) : tokens).toList();
    List<List<Hypothesis>> found = batches.translatePlaces(sources, batch ->
        search.translate(TranslationBatches.chosen(sources, batch), TranslationBatches.chosen(demands, batch)));
    List<String[]> pieces = form.unknown() == TranslationForm.Unknown.COPIED ? model.pieces(texts) : null;
    for (int i = 0; i < places.size(); i++) {
      int cutOff = whole.get(i).length - sources.get(i).length;
      translations.set(places.get(i), translation(found.get(i), sources.get(i).length, cutOff, pieces == null ? null : pieces.get(i)));
    }
    return translations;
  }

  /** @param pieces of the sentence; null where unknown tokens are left out */
  private Translation translation(List<Hypothesis> hypotheses, int sourceTokens, int cutOff, String[] pieces) {
    List<Translation.Candidate> candidates = hypotheses.stream().map(hypothesis -> candidate(hypothesis, pieces)).toList();
    return new Translation(candidates, sourceTokens, hypotheses.get(0).tokens().length, cutOff);
  }

  private Translation.Candidate candidate(Hypothesis hypothesis, String[] pieces) {
    String alignment = form.alignment() == null ? null : form.alignment().of(hypothesis.attention(), hypothesis.tokens().length);
    String text = pieces == null ? model.decode(hypothesis.tokens()) : UnknownCopy.text(model, hypothesis, pieces);
    return new Translation.Candidate(oneLine(text), hypothesis.score(), alignment);
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      line.append(Character.isISOControl(character) ? ' ' : character);
    }
    return line.toString().strip();
  }

  @Override
  public void close() {
    decoder.close();
  }
}
