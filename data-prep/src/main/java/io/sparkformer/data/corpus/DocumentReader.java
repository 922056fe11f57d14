package io.sparkformer.data.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.TextFiles.InputFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;
import org.apache.hadoop.mapreduce.lib.input.LineRecordReader;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/** The documents of a piece of a file, one after another. Runs in a task. */
final class DocumentReader implements Iterator<DocumentReader.Document> {

  private static final byte[] EMPTY_LINE = {'\n', '\n'};
  private static final byte[] LINE_END = {'\n'};
  private static final Pattern BLANK_LINES = Pattern.compile("(?:\\A|\\r?\\n)(?:[ \\t]*\\r?\\n)+");
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /**
   * Part of a file. Its documents are those that begin in it.
   *
   * @param number of the file, in the order of all files
   */
  record Piece(InputFile file, int number, long start, long length) implements Serializable {
  }

  /**
   * @param place in its file: a larger one for a later document
   * @param text null if it is not UTF-8
   */
  record Document(long place, String text) {
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DocumentFormat format;
  private final String column;
  private final String file;
  private final LineRecordReader records;
  private final boolean splittable;
  private final Queue<Document> ready = new ArrayDeque<>();
  private boolean atBeginning;
  private long documentsRead;

  /**
   * @param plain of {@link io.sparkformer.data.file.PlainFiles}
   */
  static DocumentReader open(Configuration plain, Piece piece, DocumentFormat format, String column) {
    try {
      return new DocumentReader(plain, piece, format, column);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + piece.file().path() + ": " + e.getMessage(), e);
    }
  }

  private DocumentReader(Configuration plain, Piece piece, DocumentFormat format, String column) throws IOException {
    this.format = format;
    this.column = column;
    this.file = piece.file().path();
    this.splittable = piece.file().splittable();
    this.atBeginning = piece.start() == 0;
    Path path = piece.file().open();
    if (format == DocumentFormat.FILE) {
      records = null;
      ready.add(new Document(0, decode(whole(plain, path), true)));
      return;
    }
    records = new LineRecordReader(format == DocumentFormat.BLANK_LINE ? EMPTY_LINE : LINE_END);
    long length = piece.file().spooled() ? path.getFileSystem(plain).getFileStatus(path).getLen() : piece.length();
    records.initialize(new FileSplit(path, piece.start(), length, new String[0]), new TaskAttemptContextImpl(plain, new TaskAttemptID()));
    if (TaskContext.get() != null) {
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && records != null && records.nextKeyValue()) {
        addDocuments(records.getCurrentKey().get(),
          decode(ByteBuffer.wrap(records.getCurrentValue().getBytes(), 0, records.getCurrentValue().getLength()), atBeginning));
        atBeginning = false;
      }
      return !ready.isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Document next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  /** Hadoop's reader cuts at LF LF only: a record may still hold empty lines that have spaces or end with CR LF. */
  private void addDocuments(long place, String text) {
    if (text == null || format == DocumentFormat.LINE) {
      add(place, text);
      return;
    }
    if (format == DocumentFormat.JSON) {
      if (!text.isBlank()) {
        add(place, field(place, text));
      }
      return;
    }
    Matcher border = BLANK_LINES.matcher(text);
    int begin = 0;
    while (border.find()) {
      addNotBlank(place + begin, text.substring(begin, border.start()));
      begin = border.end();
    }
    addNotBlank(place + begin, text.substring(begin));
  }

  private String field(long place, String line) {
    try {
      JsonNode value = JSON.readTree(line).path(column);
      if (value.isTextual()) {
        return value.textValue();
      }
      throw new InvalidInputException(file + ", line at byte " + place + ": the field " + column + " is "
        + (value.isMissingNode() ? "missing" : "not text but " + value.getNodeType()) + "; fix the line, or set prepare.text.column");
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + ", line at byte " + place + " is not a JSON object: " + e.getOriginalMessage(), e);
    }
  }

  /** Several empty lines in a row are one border. */
  private void addNotBlank(long place, String text) {
    if (!text.isBlank()) {
      add(place, text);
    }
  }

  /** A place is an offset in bytes; in a compressed file, which one task reads from its beginning, the number of the document. */
  private void add(long place, String text) {
    ready.add(new Document(splittable ? place : documentsRead++, text));
  }

  private static ByteBuffer whole(Configuration plain, Path path) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(plain).getCodec(path);
    try (InputStream raw = path.getFileSystem(plain).open(path);
       InputStream in = codec == null ? raw : codec.createInputStream(raw)) {
      return ByteBuffer.wrap(in.readAllBytes());
    }
  }

  private static String decode(ByteBuffer bytes, boolean first) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT).decode(bytes).toString();
      return first && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    } catch (CharacterCodingException notUtf8) {
      // A named rule of cleaning counts it.
      return null;
    }
  }

  private void close() {
    try {
      records.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
