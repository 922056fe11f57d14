package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StatusLineTest {
  private static final String ERASE = "\r\033[K";

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(screen, true, StandardCharsets.UTF_8);
  private final StatusLine status = StatusLine.on(terminal, 30);
  private final PrintStream out = status.above(terminal);

  @Test
  void aNewLineReplacesTheOneBefore() {
    status.show("1 of 3");
    status.show("2 of 3");
    status.show("2 of 3");
    status.clear();
    status.clear();
    assertThat(printed()).isEqualTo("1 of 3" + ERASE + "2 of 3" + ERASE);
  }

  @Test
  void otherTextStandsAboveAndTheLineIsDrawnAgain() {
    status.show("1 of 3");
    out.println("warning: äöü");
    status.show("1 of 3");
    assertThat(printed()).isEqualTo("1 of 3" + ERASE + "warning: äöü\n1 of 3");
  }

  @Test
  void aLineThatIsNotFinishedIsNotWrittenOver() {
    out.print("reading ");
    status.show("1 of 3");
    out.println("done");
    status.show("2 of 3");
    assertThat(printed()).isEqualTo("reading done\n2 of 3");
  }

  @Test
  void textIsCutToTheWidthOfTheTerminal() {
    status.show("a".repeat(29));
    assertThat(printed()).isEqualTo("a".repeat(29));
    status.show("b".repeat(30));
    assertThat(printed()).endsWith(ERASE + "b".repeat(26) + "...");
  }

  @Test
  void withoutATerminalNothingIsShown() {
    StatusLine none = StatusLine.ofProcess();
    assertThat(none.isShown()).isFalse();
    none.show("1 of 3");
    none.clear();
  }

  private String printed() {
    return screen.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
