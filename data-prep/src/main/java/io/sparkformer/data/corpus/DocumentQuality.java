package io.sparkformer.data.corpus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the quality rules of Gopher (Rae et al. 2021, appendix A1.1 and table A1) and C4 (Raffel et al. 2020, section 2.2) look at in a
 * document. Words are separated by white space.
 */
final class DocumentQuality {

  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Pattern PARAGRAPH = Pattern.compile("\\n\\s*\\n");
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?][\"'”’)\\]]*(?=\\s|$)");
  private static final Set<String> STOP_WORDS = Set.of("the", "be", "to", "of", "and", "that", "have", "with");

  private final String text;
  private final String[] words;
  private final List<String> lines;

  /**
   * @param text normalized, not empty
   */
  DocumentQuality(String text) {
    this.text = text;
    this.words = SPACE.split(text);
    this.lines = text.lines().filter(line -> !line.isBlank()).toList();
  }

  int words() {
    return words.length;
  }

  /** Mean number of characters of a word. */
  double wordLength() {
    return (double) Arrays.stream(words).mapToInt(word -> word.codePointCount(0, word.length())).sum() / words.length;
  }

  /** Hash signs per word or ellipses per word, whichever are more. */
  double symbolsPerWord() {
    long hashes = text.chars().filter(character -> character == '#').count();
    return (double) Math.max(hashes, ellipses(text)) / words.length;
  }

  /** Share of the lines that begin with a bullet. */
  double bulletLines() {
    return share(lines.stream().filter(line -> "•‣▪●-*".indexOf(line.strip().charAt(0)) >= 0).count(), lines.size());
  }

  /** Share of the lines that end with an ellipsis. */
  double ellipsisLines() {
    return share(lines.stream().map(String::strip).filter(line -> line.endsWith("...") || line.endsWith("…")).count(), lines.size());
  }

  /** Share of the words that have a letter. */
  double wordsWithLetters() {
    return share(Arrays.stream(words).filter(word -> word.codePoints().anyMatch(Character::isLetter)).count(), words.length);
  }

  /** How many different words of a list of eight frequent English ones the text has. */
  long stopWords() {
    return Arrays.stream(words).map(word -> word.toLowerCase(Locale.ROOT)).filter(STOP_WORDS::contains).distinct().count();
  }

  int sentences() {
    return (int) SENTENCE_END.matcher(text).results().count();
  }

  boolean contains(String part) {
    return text.toLowerCase(Locale.ROOT).contains(part);
  }

  /** Share of the lines that are copies of an earlier line. */
  double duplicateLines() {
    return duplicates(lines, false);
  }

  /** Share of the characters that stand in such lines. */
  double charactersOfDuplicateLines() {
    return duplicates(lines, true);
  }

  /** Share of the paragraphs that are copies of an earlier one. */
  double duplicateParagraphs() {
    return duplicates(paragraphs(), false);
  }

  /** Share of the characters that stand in such paragraphs. */
  double charactersOfDuplicateParagraphs() {
    return duplicates(paragraphs(), true);
  }

  private List<String> paragraphs() {
    return Arrays.stream(PARAGRAPH.split(text)).map(String::strip).filter(paragraph -> !paragraph.isEmpty()).toList();
  }

  private static double duplicates(List<String> parts, boolean characters) {
    Set<String> seen = new HashSet<>();
    long duplicates = 0;
    long all = 0;
    for (String part : parts) {
      int weight = characters ? part.length() : 1;
      all += weight;
      duplicates += seen.add(part) ? 0 : weight;
    }
    return share(duplicates, all);
  }

  /** Share of the words' characters that the most frequent run of n words makes up. */
  double charactersOfTopRun(int n) {
    Map<List<String>, Integer> counts = new HashMap<>();
    List<String> all = Arrays.asList(words);
    long top = 0;
    for (int i = 0; i + n <= words.length; i++) {
      List<String> run = all.subList(i, i + n);
      int count = counts.merge(run, 1, Integer::sum);
      top = count > 1 ? Math.max(top, (long) count * characters(i, i + n)) : top;
    }
    return share(top, characters(0, words.length));
  }

  /** Share of the words' characters that stand in runs of n words which occurred before; each character counts once. */
  double charactersOfDuplicateRuns(int n) {
    Set<List<String>> seen = new HashSet<>();
    List<String> all = Arrays.asList(words);
    List<Integer> begins = new ArrayList<>();
    for (int i = 0; i + n <= words.length; i++) {
      if (!seen.add(all.subList(i, i + n))) {
        begins.add(i);
      }
    }
    long duplicate = 0;
    int counted = 0;
    for (int begin : begins) {
      duplicate += characters(Math.max(begin, counted), begin + n);
      counted = begin + n;
    }
    return share(duplicate, characters(0, words.length));
  }

  private long characters(int from, int to) {
    long characters = 0;
    for (int i = from; i < to; i++) {
      characters += words[i].length();
    }
    return characters;
  }

  private static long ellipses(String text) {
    long count = text.chars().filter(character -> character == '…').count();
    for (int i = text.indexOf("..."); i >= 0; i = text.indexOf("...", i + 3)) {
      count++;
    }
    return count;
  }

  private static double share(long part, long all) {
    return all == 0 ? 0 : (double) part / all;
  }
}
