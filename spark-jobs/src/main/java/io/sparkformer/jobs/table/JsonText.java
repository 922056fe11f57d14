package io.sparkformer.jobs.table;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** Values as JSON text. */
public final class JsonText {

  private JsonText() { }

  /** A value of an added column; {@code null} for none. */
  public static String of(AddedColumn.Value value) {
    if (value instanceof AddedColumn.Text text) {
      return string(text.text());
    }
    if (value instanceof AddedColumn.Texts texts) {
      return texts.texts().stream().map(JsonText::string).collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof AddedColumn.ScoredTexts texts) {
      return texts.texts().stream().map(each -> "{\"text\":" + string(each.text()) + ",\"score\":" + each.score() + "}")
          .collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof AddedColumn.Number number) {
      return Double.toString(number.value());
    }
    return value == null ? "null" : numbers(((AddedColumn.Floats) value).values());
  }

  /** An array, with the fewest digits that give the same numbers again; {@code null} for none. */
  public static String numbers(float[] values) {
    if (values == null) {
      return "null";
    }
    StringJoiner numbers = new StringJoiner(",", "[", "]");
    for (float value : values) {
      numbers.add(Float.toString(value));
    }
    return numbers.toString();
  }

  /** A text in quotes, or {@code null}. */
  public static String string(String text) {
    return text == null ? "null" : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
