package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The {@code card} group: what only a person can say about a model. Text that is not set is empty.
 *
 * @param languages codes as in ISO 639 or BCP 47
 */
public record CardSettings(String title, String license, List<String> languages, String description, String data, String dataLicense,
    String contact) implements Serializable {
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{1,8})*|multilingual|code");

  public CardSettings {
    languages = List.copyOf(languages);
    for (String language : languages) {
      Limits.require(LANGUAGE.matcher(language).matches(), "card.language", language,
          "must be codes of languages with commas between, for example en, de");
    }
  }

  static CardSettings from(SettingValues values) {
    List<String> languages = values.text("card.language").stream().flatMap(text -> Stream.of(text.split("[,\\s]+")))
        .filter(code -> !code.isEmpty()).toList();
    return new CardSettings(text(values, "title"), text(values, "license"), languages, text(values, "description"), text(values, "data"),
        text(values, "data-license"), text(values, "contact"));
  }

  private static String text(SettingValues values, String key) {
    return values.text("card." + key).orElse("").strip();
  }
}
