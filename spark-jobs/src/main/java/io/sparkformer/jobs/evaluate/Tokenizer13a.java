package io.sparkformer.jobs.evaluate;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The word tokenization of NIST's mteval-v13a, which WMT scores with and sacreBLEU calls 13a: entities become characters, ASCII
 * punctuation stands alone, except that an apostrophe stays with its word, a period or comma with the digits on both sides, and a
 * hyphen with everything but a digit before it.
 */
final class Tokenizer13a {

  /** ASCII punctuation but for apostrophe, comma, hyphen and period. */
  private static final Pattern PUNCTUATION = Pattern.compile("([!-&(-+/:-@\\[-`{-~])");
  private static final Pattern MARK_NOT_AFTER_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern MARK_NOT_BEFORE_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern HYPHEN_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

  private Tokenizer13a() { }

  /** The tokens of a segment; none for a blank one. */
  static List<String> tokenize(String segment) {
    String text = segment.replace("<skipped>", "").replace("-\n", "").replace('\n', ' ');
    if (text.indexOf('&') >= 0) {
      text = text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    }
    text = " " + text + " ";
    text = PUNCTUATION.matcher(text).replaceAll(" $1 ");
    text = MARK_NOT_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
    text = MARK_NOT_BEFORE_DIGIT.matcher(text).replaceAll(" $1 $2");
    text = HYPHEN_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
    return Whitespace.split(text);
  }
}
