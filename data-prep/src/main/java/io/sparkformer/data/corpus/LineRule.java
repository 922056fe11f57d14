package io.sparkformer.data.corpus;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Why a line of a document is removed, in the order in which the rules apply; a line is counted under the first rule that it breaks. All
 * are those of C4 (Raffel et al. 2020, section 2.2), for web pages.
 */
public enum LineRule {

  /** No terminal punctuation at the end: a period, exclamation mark, question mark or end quotation mark. */
  C4_LINE_PUNCTUATION(line -> !Lines.TERMINAL.matcher(line).find()),

  /** Fewer than three words. */
  C4_LINE_WORDS(line -> Lines.SPACE.split(line).length < 3),

  /** The word "javascript": a warning that it should be switched on. */
  C4_LINE_JAVASCRIPT(line -> line.toLowerCase(Locale.ROOT).contains("javascript")),

  /** A notice of a page's policies: "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies". */
  C4_LINE_POLICY(line -> Lines.POLICIES.stream().anyMatch(line.toLowerCase(Locale.ROOT)::contains));

  private final Predicate<String> removes;

  LineRule(Predicate<String> removes) {
    this.removes = removes;
  }

  /** The rule's name in reports and settings: {@code c4-line-words}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** @param line not blank, without white space at its ends */
  boolean removes(String line) {
    return removes.test(line);
  }

  private static final class Lines {
    private static final Pattern TERMINAL = Pattern.compile("[.!?\"'”’»]$");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final List<String> POLICIES = List.of("terms of use", "privacy policy", "cookie policy", "uses cookies",
      "use of cookies", "use cookies");
  }
}
