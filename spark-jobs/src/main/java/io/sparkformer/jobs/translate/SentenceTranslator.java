package io.sparkformer.jobs.translate;

import io.sparkformer.data.corpus.NormalizedText;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.DecodingOptions;
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
 * A translation is one line: control characters in it (line breaks, tabs), which a badly trained model can produce, become spaces.
 */
public final class SentenceTranslator implements AutoCloseable {

  private final TranslationModel model;
  private final LogitsDecoder decoder;
  private final BeamSearch search;
  private final TranslationBatches batches;

  /** @param batchTokens source tokens times beam decoded together */
  public SentenceTranslator(TranslationModel model, DecodingOptions options, int batchTokens) {
    this.model = model;
    this.decoder = model.newDecoder();
    this.search = new BeamSearch(decoder, options, model.control());
    this.batches = new TranslationBatches(batchTokens, options.beam());
  }

  /** Translates sentences; one translation for each, in their order. */
  public List<Translation> translate(List<String> sentences) {
    List<Translation> translations = new ArrayList<>(Collections.nCopies(sentences.size(), Translation.BLANK));
    List<Integer> places = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int place = 0; place < sentences.size(); place++) {
      String text = NormalizedText.of(sentences.get(place));
      if (!text.isEmpty()) {
        places.add(place);
        texts.add(text);
      }
    }
    List<int[]> whole = model.encode(texts);
    int longest = decoder.limits().maxInput();
    List<int[]> sources = whole.stream().map(tokens -> tokens.length > longest ? Arrays.copyOf(tokens, longest) : tokens).toList();
    List<List<Hypothesis>> found = batches.translate(sources, search::translate);
    for (int i = 0; i < places.size(); i++) {
      int cutOff = whole.get(i).length - sources.get(i).length;
      translations.set(places.get(i), translation(found.get(i), sources.get(i).length, cutOff));
    }
    return translations;
  }

  private Translation translation(List<Hypothesis> hypotheses, int sourceTokens, int cutOff) {
    List<Translation.Candidate> candidates = hypotheses.stream()
        .map(hypothesis -> new Translation.Candidate(oneLine(model.decode(hypothesis.tokens())), hypothesis.score())).toList();
    return new Translation(candidates, sourceTokens, hypotheses.get(0).tokens().length, cutOff);
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
