package io.sparkformer.jobs.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The last line of the terminal, which changes while a job works. Whatever is printed on standard output or standard error stands above it.
 *
 * <p>submit-scripts/job.sh sets the environment variable {@code SPARKFORMER_COLUMNS} where standard error is a terminal. Without it there
 * is no status line, and {@link #isShown} is false.
 */
public final class StatusLine {
  private static final String COLUMNS_VARIABLE = "SPARKFORMER_COLUMNS";
  private static final int USUAL_COLUMNS = 80;
  private static final int LEAST_COLUMNS = 20;
  /** To the first column, and deletes to the end of the line. */
  private static final byte[] ERASE = "\r\033[K".getBytes(StandardCharsets.US_ASCII);
  private static final String CUT = "...";
  private static StatusLine ofProcess;

  /** Null where there is no terminal. */
  private final PrintStream terminal;
  private final int columns;
  private String text = "";
  /** Whether the cursor stands behind text that was printed without an end of line. */
  private boolean withinLine;

  private StatusLine(PrintStream terminal, int columns) {
    this.terminal = terminal;
    this.columns = columns;
  }

  /**
   * The status line of this process. The first call makes {@code System.err} the {@link CallersError}; where there is a terminal, what is
   * printed to {@code System.out} and {@code System.err} stands above the line from then on.
   */
  public static synchronized StatusLine ofProcess() {
    if (ofProcess == null) {
      CallersError.open().ifPresent(System::setErr);
      String columns = System.getenv(COLUMNS_VARIABLE);
      if (columns == null || !columns.matches("\\d{1,5}")) {
        ofProcess = new StatusLine(null, 0);
      } else {
        ofProcess = on(System.err, Integer.parseInt(columns));
        System.setOut(ofProcess.above(System.out));
        System.setErr(ofProcess.above(System.err));
      }
    }
    return ofProcess;
  }

  /** The status line of a terminal; what else is printed there must go through {@link #above}. */
  static StatusLine on(PrintStream terminal, int columns) {
    return new StatusLine(terminal, columns < LEAST_COLUMNS ? USUAL_COLUMNS : columns);
  }

  /** A stream whose text is printed above the status line. */
  PrintStream above(PrintStream stream) {
    return new PrintStream(new Above(stream), true, StandardCharsets.UTF_8);
  }

  /** Whether there is a terminal that shows the line. */
  public boolean isShown() {
    return terminal != null;
  }

  /** Replaces the line; text that is too long for it is cut. Without a terminal nothing happens. */
  public synchronized void show(String newText) {
    if (terminal == null || withinLine) {
      return;
    }
    // A character in the last column would make some terminals begin a new line.
    String cut = newText.length() < columns ? newText : newText.substring(0, columns - 1 - CUT.length()) + CUT;
    if (!cut.equals(text)) {
      erase();
      terminal.write(cut.getBytes(StandardCharsets.UTF_8), 0, cut.getBytes(StandardCharsets.UTF_8).length);
      terminal.flush();
      text = cut;
    }
  }

  /** Removes the line. */
  public synchronized void clear() {
    erase();
  }

  private void erase() {
    if (!text.isEmpty()) {
      terminal.write(ERASE, 0, ERASE.length);
      terminal.flush();
      text = "";
    }
  }

  /** Erases the status line before each write; the next {@link #show} draws it again. */
  private final class Above extends FilterOutputStream {
    Above(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return;
      }
      synchronized (StatusLine.this) {
        erase();
        out.write(bytes, offset, length);
        out.flush();
        withinLine = bytes[offset + length - 1] != '\n';
      }
    }
  }
}
