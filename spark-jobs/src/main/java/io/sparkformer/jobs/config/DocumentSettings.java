package io.sparkformer.jobs.config;

import io.sparkformer.data.corpus.DocumentRule;
import io.sparkformer.data.corpus.Languages;
import io.sparkformer.data.corpus.LineRule;
import io.sparkformer.data.corpus.MinHash;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * How the documents of training text are cleaned: the rules of {@code prepare.text}.
 *
 * @param rules by which documents are dropped
 * @param lineRules by which lines of documents are removed before
 * @param nearness how near duplicates are found
 * @param languages codes of the languages that documents may have; empty for any
 * @param test files of text that the training text must not hold; null for none
 */
public record DocumentSettings(Set<DocumentRule> rules, Set<LineRule> lineRules, MinHash nearness, List<String> languages, Path test)
    implements Serializable {
  private static final String RULES = "prepare.text.rules";
  private static final String LANGUAGES = "prepare.text.languages";

  public DocumentSettings {
    languages = List.copyOf(languages);
    if (!languages.isEmpty()) {
      try {
        Languages.of(languages);
      } catch (IllegalArgumentException e) {
        throw InvalidSettingException.problem(LANGUAGES, LANGUAGES + ": " + e.getMessage(), "codes are those of ISO 639: en, eng");
      }
    }
  }

  static DocumentSettings from(SettingValues values) {
    List<String> names = names(values, RULES);
    Set<DocumentRule> rules = chosen(names, DocumentRule.values(), DocumentRule::text, DocumentRule.class);
    Set<LineRule> lineRules = chosen(names, LineRule.values(), LineRule::text, LineRule.class);
    for (String name : names) {
      Limits.require(Stream.of(DocumentRule.values()).map(DocumentRule::text).anyMatch(name::equals)
          || Stream.of(LineRule.values()).map(LineRule::text).anyMatch(name::equals) || isPaper(name), RULES, name,
          "must be gopher, c4 or names of rules: " + Stream.concat(Arrays.stream(DocumentRule.values()).map(DocumentRule::text),
              Arrays.stream(LineRule.values()).map(LineRule::text)).collect(Collectors.joining(", ")));
    }
    return new DocumentSettings(rules, lineRules, new MinHash(positive(values, "prepare.text.near-duplicate.bands"),
        positive(values, "prepare.text.near-duplicate.rows"), positive(values, "prepare.text.near-duplicate.words")),
        names(values, LANGUAGES), values.path("prepare.text.test").orElse(null));
  }

  private static int positive(SettingValues values, String key) {
    int value = values.integer(key);
    Limits.positive(key, value);
    return value;
  }

  private static boolean isPaper(String name) {
    return name.equals("gopher") || name.equals("c4");
  }

  /** Text with commas between the names. */
  private static List<String> names(SettingValues values, String key) {
    return Arrays.stream(values.text(key).orElse("").split("[\\s,]+")).filter(name -> !name.isEmpty()).toList();
  }

  /** Those of the names, and all of a paper's rules where it is named. */
  private static <R extends Enum<R>> Set<R> chosen(List<String> names, R[] all, Function<R, String> text, Class<R> type) {
    Set<R> chosen = EnumSet.noneOf(type);
    for (R rule : all) {
      if (names.stream().anyMatch(name -> text.apply(rule).equals(name) || isPaper(name) && text.apply(rule).startsWith(name + "-"))) {
        chosen.add(rule);
      }
    }
    return chosen;
  }
}
