package io.sparkformer.jobs.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What every page begins and ends with. */
final class PageFrame {
  static final String END = "</body></html>\n";

  private PageFrame() {}

  static String begin(String title) throws IOException {
    try (InputStream style = PageFrame.class.getResourceAsStream("report.css")) {
      if (style == null) {
        throw new IllegalStateException("The job jar lacks io/sparkformer/jobs/page/report.css; build it again (./mvnw package)");
      }
      String shown = Html.escape(title);
      return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
          + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" + shown + "</title>\n<style>\n"
          + new String(style.readAllBytes(), StandardCharsets.UTF_8) + "</style></head><body>\n<h1>" + shown + "</h1>\n";
    }
  }
}
