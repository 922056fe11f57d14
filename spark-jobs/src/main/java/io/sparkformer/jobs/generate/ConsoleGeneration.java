package io.sparkformer.jobs.generate;

import io.sparkformer.jobs.sentence.Sentence;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Answers a person at a terminal: continues each line, and prints every token when it is there. */
final class ConsoleGeneration {
  private final TextGenerator generator;
  private final PrintWriter out;

  ConsoleGeneration(TextGenerator generator, PrintWriter out) {
    this.generator = generator;
    this.out = out;
  }

  /** Reads prompts, a line each, to the end of the input. Their numbers, which random numbers follow from, count from 0. */
  void run(BufferedReader in) throws IOException {
    long number = 0;
    for (String line = next(in); line != null; line = next(in)) {
      Growing growing = new Growing();
      List<String> texts = generator.generate(new Sentence(number, line), growing::show).texts();
      for (int i = 0; i < texts.size(); i++) {
        growing.finish(texts.get(i), texts.size() > 1);
      }
      number++;
    }
  }

  private String next(BufferedReader in) throws IOException {
    out.print("> ");
    out.flush();
    return in.readLine();
  }

  /** The text that stands on the terminal. */
  private final class Growing {
    private String shown = "";

    void show(String text) {
      if (text.startsWith(shown)) {
        out.print(text.substring(shown.length()));
        out.flush();
        shown = text;
      }
    }

    /** Prints what is missing of a text, and ends it. */
    void finish(String text, boolean isOneOfSeveral) {
      out.println(text.startsWith(shown) ? text.substring(shown.length()) : text);
      if (isOneOfSeveral) {
        out.println();
      }
      out.flush();
      shown = "";
    }
  }
}
