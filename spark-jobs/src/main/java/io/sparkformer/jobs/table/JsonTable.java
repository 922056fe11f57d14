package io.sparkformer.jobs.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;

/** JSON Lines: an object on every line; blank lines are no rows. */
final class JsonTable implements TableFormat {

  private static final long serialVersionUID = 1L;
  private static final JsonFactory JSON = new JsonFactory();
  private static final int NAMES_KEPT = 1000;

  @Override
  public TextColumn open(Configuration hadoop, TableFile file, AddedColumn column) throws IOException {
    return new Rows(hadoop, file, column);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return ".json" + TextFiles.compression(hadoop, file.path());
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, AddedColumn column, AddedColumn.Values values) throws IOException {
    String partition = file.partition().entrySet().stream()
        .map(entry -> JsonText.string(entry.getKey()) + ":" + JsonText.string(entry.getValue()) + ",").collect(Collectors.joining());
    try (Rows rows = new Rows(hadoop, file, column); Writer out = TextFiles.write(hadoop, target)) {
      while (rows.next()) {
        AddedColumn.Value value = values.next(rows.value());
        int end = rows.line.lastIndexOf('}');
        out.append(rows.line, 0, end).append(rows.names.isEmpty() ? "" : ",").append(partition)
            .append(JsonText.string(column.name())).append(':').append(JsonText.of(value)).append(rows.line, end, rows.line.length())
            .append('\n');
      }
    }
  }

  private static final class Rows implements TextColumn {

    private final LineReader lines;
    private final TableFile file;
    private final AddedColumn column;
    private final Text bytes = new Text();
    /** Names in this row. */
    private final Set<String> names = new HashSet<>();
    private final Set<String> columns = new LinkedHashSet<>();
    private String line;
    private String value;
    private long number;

    Rows(Configuration hadoop, TableFile file, AddedColumn column) throws IOException {
      InputStream in = TextFiles.read(hadoop, file.path());
      this.lines = new LineReader(in, new byte[] {'\n'});
      this.file = file;
      this.column = column;
    }

    @Override
    public boolean next() throws IOException {
      while (lines.readLine(bytes) > 0) {
        number++;
        line = decoded();
        if (!line.isBlank()) {
          parse();
          return true;
        }
      }
      return false;
    }

    private String decoded() throws IOException {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(), 0, bytes.getLength())).toString();
        return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
      } catch (CharacterCodingException e) {
        throw new InvalidInputException(where() + " is not UTF-8; convert the file to UTF-8 (iconv)", e);
      }
    }

    private void parse() throws IOException {
      names.clear();
      value = null;
      try (JsonParser json = JSON.createParser(line)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw notAnObject(null);
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          if (!names.add(name) && name.equals(column.source())) {
            throw new InvalidInputException(where() + " has two columns " + name + "; rename one");
          }
          JsonToken token = json.nextToken();
          if (!name.equals(column.source())) {
            json.skipChildren();
          } else if (token == JsonToken.VALUE_STRING) {
            value = json.getText();
          } else if (token != JsonToken.VALUE_NULL) {
            throw ColumnNames.noText(column, where(), "JSON " + token.name().replaceFirst("^(VALUE|START)_", "").toLowerCase(Locale.ROOT));
          }
        }
        if (json.nextToken() != null) {
          throw notAnObject(null);
        }
      } catch (JsonProcessingException e) {
        throw notAnObject(e);
      }
      ColumnNames.checkNew(file, names, column);
      if (columns.size() < NAMES_KEPT) {
        columns.addAll(names);
      } else if (names.contains(column.source())) {
        columns.add(column.source());
      }
    }

    private String where() {
      return file.path() + ", line " + number;
    }

    private InvalidInputException notAnObject(Exception cause) {
      return new InvalidInputException(where() + " is not a JSON object on a line of its own (JSON Lines); convert the file, for example "
          + "with jq -c", cause);
    }

    @Override
    public String value() {
      return value;
    }

    @Override
    public Collection<String> columns() {
      return columns;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
