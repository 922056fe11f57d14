package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** CSV or TSV; see the package documentation. */
final class CsvTable implements TableFormat {

  private static final long serialVersionUID = 1L;

  private final Delimiter delimiter;
  private final List<String> header;

  /** @param header names of the columns, of files without a header line; empty for files with one */
  CsvTable(Delimiter delimiter, List<String> header) {
    this.delimiter = delimiter;
    this.header = List.copyOf(header);
  }

  @Override
  public SourceRows open(Configuration hadoop, TableFile file, TableColumns columns) throws IOException {
    return new Rows(hadoop, file, columns);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return "." + delimiter.extension() + TextFiles.compression(hadoop, file.path());
  }

  /** A field holds one text or number. */
  @Override
  public boolean holds(AddedColumn.Kind kind) {
    return kind == AddedColumn.Kind.TEXT || kind == AddedColumn.Kind.NUMBER;
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, TableColumns columns, TableColumns.Values values) throws IOException {
    try (Rows rows = new Rows(hadoop, file, columns); Writer out = TextFiles.write(hadoop, target)) {
      String lineEnd = rows.headerEnd.isEmpty() ? "\n" : rows.headerEnd;
      if (header.isEmpty()) {
        out.append(rows.header);
        for (String name : file.partition().keySet()) {
          out.append(delimiter.separator()).append(field(name));
        }
        for (AddedColumn column : columns.added()) {
          out.append(delimiter.separator()).append(field(column.name()));
        }
        out.append(lineEnd);
      }
      String partition = file.partition().values().stream().map(value -> delimiter.separator() + field(value))
          .collect(Collectors.joining());
      while (rows.next()) {
        List<AddedColumn.Value> ofRow = values.next(rows.values());
        out.append(rows.records.text()).append(partition);
        for (int i = 0; i < columns.added().size(); i++) {
          out.append(delimiter.separator()).append(field(ofRow == null ? null : text(ofRow.get(i))));
        }
        out.append(rows.records.lineEnd().isEmpty() ? lineEnd : rows.records.lineEnd());
      }
    }
  }

  private static String text(AddedColumn.Value value) {
    return value instanceof AddedColumn.Number number ? Double.toString(number.value())
        : value == null ? null : ((AddedColumn.Text) value).text();
  }

  /** A value as a field: in CSV quoted where it must be, and where a reader might trim it or take it for null. */
  private String field(String value) {
    if (value == null) {
      return "";
    }
    if (!delimiter.quotes()) {
      if (value.chars().anyMatch(each -> "\t\r\n".indexOf(each) >= 0)) {
        throw new InvalidInputException("TSV cannot hold a tab or a line break within a field, as this new value has: "
            + JsonText.string(value) + "; use csv, json, parquet or orc");
      }
      return value;
    }
    boolean plain = !value.isEmpty() && value.equals(value.strip()) && value.chars().noneMatch(each -> "\",\r\n".indexOf(each) >= 0);
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  private final class Rows implements SourceRows {

    private final CsvRecords records;
    /** The header line. */
    private final String header;
    private final String headerEnd;
    private final List<String> columns;
    private final int[] places;

    Rows(Configuration hadoop, TableFile file, TableColumns wanted) throws IOException {
      records = new CsvRecords(TextFiles.read(hadoop, file.path()), file.path(), delimiter);
      try {
        String mark = records.takeByteOrderMark();
        if (!CsvTable.this.header.isEmpty()) {
          header = "";
          headerEnd = "";
          columns = CsvTable.this.header;
        } else if (records.next()) {
          header = mark + records.text();
          headerEnd = records.lineEnd();
          columns = records.fields().stream().map(name -> name == null ? "" : name).toList();
        } else {
          throw new InvalidInputException(file.path() + " is empty; a " + delimiter.extension().toUpperCase(Locale.ROOT)
              + " file begins with a line of column names");
        }
        ColumnNames.check(file, columns, wanted);
        places = wanted.sources().stream().mapToInt(source -> columns.indexOf(source.name())).toArray();
      } catch (IOException | RuntimeException e) {
        records.close();
        throw e;
      }
    }

    @Override
    public boolean next() throws IOException {
      boolean found = records.next();
      while (found && records.isBlank() && columns.size() > 1) {
        found = records.next();
      }
      if (found && records.fields().size() != columns.size()) {
        throw records.problem("has " + records.fields().size() + " fields, the header " + columns.size() + "; fix the line"
            + (delimiter.quotes() ? ", or quote fields that hold a comma" : ""));
      }
      return found;
    }

    @Override
    public String[] values() {
      return Arrays.stream(places).mapToObj(place -> records.fields().get(place)).toArray(String[]::new);
    }

    @Override
    public Collection<String> columns() {
      return columns;
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }
}
