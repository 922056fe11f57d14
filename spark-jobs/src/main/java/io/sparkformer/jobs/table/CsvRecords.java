package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The records of CSV text (RFC 4180) or TSV text (see the package documentation), each with its fields and with its text as it stands. */
final class CsvRecords implements Closeable {

  private static final int END = -1;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final Object name;
  private final Delimiter delimiter;
  private final Reader in;
  private final StringBuilder text = new StringBuilder();
  private final List<String> fields = new ArrayList<>();
  private String lineEnd = "";
  private long line;
  private long recordLine;
  private int ahead;

  /** @param name what messages call the text */
  CsvRecords(InputStream in, Object name, Delimiter delimiter) throws IOException {
    this.name = name;
    this.delimiter = delimiter;
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT)));
    this.line = 1;
    this.ahead = read();
  }

  /** Takes a byte-order mark from the beginning of the text; gives it, or empty text. */
  String takeByteOrderMark() throws IOException {
    if (ahead != BYTE_ORDER_MARK) {
      return "";
    }
    ahead = read();
    return Character.toString(BYTE_ORDER_MARK);
  }

  /** Goes on to the next record; false after the last. */
  boolean next() throws IOException {
    if (ahead == END) {
      return false;
    }
    text.setLength(0);
    fields.clear();
    recordLine = line;
    readField();
    while (ahead == delimiter.separator()) {
      take();
      readField();
    }
    if (!isLineEnd()) {
      throw problem("has text behind a closing quote");
    }
    lineEnd = "";
    if (ahead == '\r') {
      ahead = read();
      lineEnd = "\r";
    }
    if (ahead == '\n') {
      ahead = read();
      lineEnd += "\n";
      line++;
    }
    return true;
  }

  /** The record's text without its line end. */
  String text() {
    return text.toString();
  }

  /** What ends the record: CR LF, LF, or nothing at the end of the text. */
  String lineEnd() {
    return lineEnd;
  }

  /** The fields; {@code null} for one without text and quotes. Valid until the next record. */
  List<String> fields() {
    return fields;
  }

  /** Whether the record is a line without a character. */
  boolean isBlank() {
    return text.isEmpty();
  }

  /** What is wrong with this record. */
  InvalidInputException problem(String what) {
    return new InvalidInputException(name + ", line " + recordLine + " " + what);
  }

  private void readField() throws IOException {
    if (ahead == '"' && delimiter.quotes()) {
      fields.add(quoted());
      return;
    }
    int start = text.length();
    while (ahead != delimiter.separator() && !isLineEnd()) {
      take();
    }
    fields.add(text.length() == start ? null : text.substring(start));
  }

  private String quoted() throws IOException {
    StringBuilder value = new StringBuilder();
    take();
    while (true) {
      if (ahead == END) {
        throw problem("has a quote that is never closed");
      }
      int character = take();
      line += character == '\n' ? 1 : 0;
      if (character != '"') {
        value.append((char) character);
      } else if (ahead == '"') {
        value.append((char) take());
      } else {
        return value.toString();
      }
    }
  }

  private boolean isLineEnd() throws IOException {
    return ahead == '\n' || ahead == END || ahead == '\r' && following() == '\n';
  }

  /** Puts the next character into the record's text. */
  private int take() throws IOException {
    int character = ahead;
    text.append((char) character);
    ahead = read();
    return character;
  }

  private int following() throws IOException {
    in.mark(1);
    int character = in.read();
    in.reset();
    return character;
  }

  private int read() throws IOException {
    try {
      return in.read();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(name + ", about line " + line + " is not UTF-8; convert the file to UTF-8 (iconv)", e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
