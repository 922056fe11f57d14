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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  public SourceRows open(Configuration hadoop, TableFile file, TableColumns columns) throws IOException {
    return new Rows(hadoop, file, columns);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return ".json" + TextFiles.compression(hadoop, file.path());
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, TableColumns columns, TableColumns.Values values) throws IOException {
    String partition = file.partition().entrySet().stream()
        .map(entry -> JsonText.string(entry.getKey()) + ":" + JsonText.string(entry.getValue()) + ",").collect(Collectors.joining());
    try (Rows rows = new Rows(hadoop, file, columns); Writer out = TextFiles.write(hadoop, target)) {
      while (rows.next()) {
        List<AddedColumn.Value> ofRow = values.next(rows.values());
        int end = rows.line.lastIndexOf('}');
        out.append(rows.line, 0, end).append(rows.names.isEmpty() ? "" : ",").append(partition);
        for (int i = 0; i < columns.added().size(); i++) {
          out.append(i == 0 ? "" : ",").append(JsonText.string(columns.added().get(i).name())).append(':')
              .append(JsonText.of(ofRow == null ? null : ofRow.get(i)));
        }
        out.append(rows.line, end, rows.line.length()).append('\n');
      }
    }
  }

  private static final class Rows implements SourceRows {

    private final LineReader lines;
    private final TableFile file;
    private final TableColumns wanted;
    /** Places among the source columns. */
    private final Map<String, Integer> places = new HashMap<>();
    private final Text bytes = new Text();
    /** Names in this row. */
    private final Set<String> names = new HashSet<>();
    private final Set<String> columns = new LinkedHashSet<>();
    private String line;
    private String[] values;
    private long number;

    Rows(Configuration hadoop, TableFile file, TableColumns wanted) throws IOException {
      InputStream in = TextFiles.read(hadoop, file.path());
      this.lines = new LineReader(in, new byte[] {'\n'});
      this.file = file;
      this.wanted = wanted;
      wanted.sources().forEach(source -> places.put(source.name(), places.size()));
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
      values = new String[wanted.sources().size()];
      try (JsonParser json = JSON.createParser(line)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw notAnObject(null);
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          Integer place = places.get(name);
          if (!names.add(name) && place != null) {
            throw new InvalidInputException(where() + " has two columns " + name + "; rename one");
          }
          JsonToken token = json.nextToken();
          if (place == null) {
            json.skipChildren();
          } else if (token == JsonToken.VALUE_STRING || token.isScalarValue() && token != JsonToken.VALUE_NULL
              && !wanted.sources().get(place).isText()) {
            values[place] = json.getText();
          } else if (token != JsonToken.VALUE_NULL) {
            throw ColumnNames.unreadable(wanted.sources().get(place), where(),
                "JSON " + token.name().replaceFirst("^(VALUE|START)_", "").toLowerCase(Locale.ROOT));
          }
        }
        if (json.nextToken() != null) {
          throw notAnObject(null);
        }
      } catch (JsonProcessingException e) {
        throw notAnObject(e);
      }
      ColumnNames.checkNew(file, names, wanted);
      if (columns.size() < NAMES_KEPT) {
        columns.addAll(names);
      } else {
        wanted.sources().stream().map(SourceColumn::name).filter(names::contains).forEach(columns::add);
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
    public String[] values() {
      return values;
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
