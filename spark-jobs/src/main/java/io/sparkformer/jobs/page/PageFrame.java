package io.sparkformer.jobs.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What every page begins and ends with. */
final class PageFrame {
  static final String END = "</body></html>\n";

  private PageFrame() {}

  /** @param more style sheets besides the one that all pages have */
  static String begin(String title, String... more) throws IOException {
    StringBuilder style = new StringBuilder(resource("report.css"));
    for (String sheet : more) {
      style.append(resource(sheet));
    }
    String shown = Html.escape(title);
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" + shown + "</title>\n<style>\n"
        + style + "</style></head><body>\n<h1>" + shown + "</h1>\n";
  }

  /** The text of a file that lies beside this class. */
  static String resource(String name) throws IOException {
    try (InputStream in = PageFrame.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The job jar lacks io/sparkformer/jobs/page/" + name + "; build it again (./mvnw package)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
