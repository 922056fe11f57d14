package io.sparkformer.jobs.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/**
 * The {@code train.notify} group.
 *
 * @param command for the shell
 * @param url of http or https
 * @param deadline of one message
 */
public record NotifySettings(Optional<String> command, Optional<URI> url, Duration deadline) {
  public NotifySettings {
    Limits.positive("train.notify.deadline", deadline);
  }

  static NotifySettings from(SettingValues values) {
    return new NotifySettings(values.text("train.notify.command").filter(text -> !text.isBlank()),
        values.text("train.notify.url").filter(text -> !text.isBlank()).map(NotifySettings::url),
        values.duration("train.notify.deadline").orElseThrow());
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text);
      Limits.require(("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null, "train.notify.url", text,
          "must be a URL that begins with http:// or https:// and names a host");
      return url;
    } catch (URISyntaxException e) {
      throw InvalidSettingException.value("train.notify.url", text, "must be a URL: " + e.getReason());
    }
  }
}
