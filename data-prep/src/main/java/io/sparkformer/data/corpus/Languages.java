package io.sparkformer.data.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.Set;
import java.util.TreeSet;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;

/**
 * Languages that documents may have, recognized by Apache OpenNLP's detector and its model of 103 languages (a maximum-entropy model of one
 * to three characters, trained on the Leipzig corpora). It is made for text of at least two sentences.
 */
public final class Languages implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String MODEL = "/langdetect-183.bin";
  /** Characters at the beginning of a document by which its language is recognized. */
  private static final int SEEN_CHARACTERS = 1000;

  private final Set<String> codes;

  private Languages(Set<String> codes) {
    this.codes = codes;
  }

  /**
   * @param names codes of ISO 639-1 or 639-3: en, eng
   * @throws IllegalArgumentException naming a code that is none, or that the model does not know
   */
  public static Languages of(List<String> names) {
    Set<String> codes = new HashSet<>();
    for (String name : names) {
      String code = iso3(name);
      if (!Detector.CODES.contains(code)) {
        throw new IllegalArgumentException("%s is no language that can be recognized; choose of %s".formatted(name,
          String.join(" ", Detector.CODES)));
      }
      codes.add(code);
    }
    return new Languages(codes);
  }

  private static String iso3(String name) {
    try {
      return Locale.forLanguageTag(name).getISO3Language();
    } catch (MissingResourceException e) {
      return name;
    }
  }

  /** Whether the language of a text is one of these. */
  boolean areOf(String text) {
    return codes.contains(recognized(text));
  }

  /** The code of ISO 639-3 of the most probable language. */
  static String recognized(String text) {
    String seen = text.substring(0, Math.min(text.length(), SEEN_CHARACTERS));
    return Detector.OF_THREAD.get().predictLanguage(seen).getLang();
  }

  /** The model, once in a process: it is read when a language is asked for. */
  private static final class Detector {
    private static final LanguageDetectorModel LOADED = load();
    private static final Set<String> CODES = new TreeSet<>(List.of(new LanguageDetectorME(LOADED).getSupportedLanguages()));
    private static final ThreadLocal<LanguageDetectorME> OF_THREAD = ThreadLocal.withInitial(() -> new LanguageDetectorME(LOADED));

    private static LanguageDetectorModel load() {
      try (InputStream in = Languages.class.getResourceAsStream(MODEL)) {
        return new LanguageDetectorModel(in);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the language model of the job jar", e);
      }
    }
  }
}
