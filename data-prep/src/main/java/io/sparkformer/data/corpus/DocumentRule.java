package io.sparkformer.data.corpus;

import java.util.Locale;
import java.util.function.Predicate;

/**
 * Why a document is dropped, in the order in which the rules apply. A document is counted under the first rule that it breaks. The
 * thresholds are those of the papers: Gopher (Rae et al. 2021, appendix A1.1 and table A1), C4 (Raffel et al. 2020, section 2.2).
 */
public enum DocumentRule {

  /** Bytes that are not UTF-8. */
  NOT_UTF_8,

  /** No text but white space, or none that is left after the {@link LineRule}s. */
  EMPTY,

  /** Fewer than 50 or more than 100,000 words. */
  GOPHER_WORDS(document -> document.words() < 50 || document.words() > 100_000),

  /** A mean word length of fewer than 3 or more than 10 characters. */
  GOPHER_WORD_LENGTH(document -> document.wordLength() < 3 || document.wordLength() > 10),

  /** More than one hash sign, or more than one ellipsis, per 10 words. */
  GOPHER_SYMBOLS(document -> document.symbolsPerWord() > 0.1),

  /** More than 90 % of the lines begin with a bullet. */
  GOPHER_BULLETS(document -> document.bulletLines() > 0.9),

  /** More than 30 % of the lines end with an ellipsis. */
  GOPHER_ELLIPSES(document -> document.ellipsisLines() > 0.3),

  /** Fewer than 80 % of the words have a letter. */
  GOPHER_LETTERS(document -> document.wordsWithLetters() < 0.8),

  /** Fewer than two of the words the, be, to, of, and, that, have, with: for English text only. */
  GOPHER_STOP_WORDS(document -> document.stopWords() < 2),

  /** Copies make up more than 30 % of the lines or 20 % of the characters. */
  GOPHER_DUPLICATE_LINES(document -> document.duplicateLines() > 0.3 || document.charactersOfDuplicateLines() > 0.2),

  /** Copies make up more than 30 % of the paragraphs or 20 % of the characters. */
  GOPHER_DUPLICATE_PARAGRAPHS(document -> document.duplicateParagraphs() > 0.3 || document.charactersOfDuplicateParagraphs() > 0.2),

  /** The most frequent 2, 3 or 4 words in a row make up more than 20, 18 or 16 % of the characters. */
  GOPHER_TOP_RUNS(document -> document.charactersOfTopRun(2) > 0.2 || document.charactersOfTopRun(3) > 0.18
    || document.charactersOfTopRun(4) > 0.16),

  /** Runs of 5, 6, 7, 8, 9 or 10 words that occurred before make up more than 15, 14, 13, 12, 11 or 10 % of the characters. */
  GOPHER_DUPLICATE_RUNS(document -> document.charactersOfDuplicateRuns(5) > 0.15 || document.charactersOfDuplicateRuns(6) > 0.14
    || document.charactersOfDuplicateRuns(7) > 0.13 || document.charactersOfDuplicateRuns(8) > 0.12
    || document.charactersOfDuplicateRuns(9) > 0.11 || document.charactersOfDuplicateRuns(10) > 0.1),

  /** Fewer than five sentences. */
  C4_SENTENCES(document -> document.sentences() < 5),

  /** Placeholder text: "lorem ipsum". */
  C4_LOREM_IPSUM(document -> document.contains("lorem ipsum")),

  /** An opening brace: the text is probably a program. */
  C4_BRACES(document -> document.contains("{")),

  /** A language that is not wanted: see {@link Languages}. Found by {@link DocumentCleaning}. */
  LANGUAGE,

  /** Words of the test text: see {@link TestText}. Found by {@link DocumentCleaning}. */
  CONTAMINATED,

  /** The same text as that of an earlier document. Found over all documents. */
  DUPLICATE,

  /** Nearly the same text as that of an earlier document, by {@link MinHash}. Found over all documents. */
  NEAR_DUPLICATE;

  private final Predicate<DocumentQuality> drops;

  DocumentRule() {
    this(document -> false);
  }

  DocumentRule(Predicate<DocumentQuality> drops) {
    this.drops = drops;
  }

  /** The rule's name in reports and settings: {@code gopher-words}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a document is dropped, whatever other documents there are. */
  boolean drops(DocumentQuality document) {
    return drops.test(document);
  }
}
