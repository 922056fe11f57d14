package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.Writer;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** CSV with a header line; see the package documentation. */
final class CsvTable implements TableFormat {

  private static final long serialVersionUID = 1L;

  @Override
  public TextColumn open(Configuration hadoop, TableFile file, AddedColumn column) throws IOException {
    return new Rows(hadoop, file, column);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return ".csv" + TextFiles.compression(hadoop, file.path());
  }

  /** A field holds one text. */
  @Override
  public boolean holds(AddedColumn.Kind kind) {
    return kind == AddedColumn.Kind.TEXT;
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, AddedColumn column, AddedColumn.Values values) throws IOException {
    try (Rows rows = new Rows(hadoop, file, column); Writer out = TextFiles.write(hadoop, target)) {
      String lineEnd = rows.headerEnd.isEmpty() ? "\n" : rows.headerEnd;
      out.append(rows.header);
      for (String name : file.partition().keySet()) {
        out.append(',').append(field(name));
      }
      out.append(',').append(field(column.name())).append(lineEnd);
      String partition = file.partition().values().stream().map(value -> "," + field(value)).collect(Collectors.joining());
      while (rows.next()) {
        AddedColumn.Value value = values.next(rows.value());
        out.append(rows.records.text()).append(partition).append(',')
            .append(field(value == null ? null : ((AddedColumn.Text) value).text()))
            .append(rows.records.lineEnd().isEmpty() ? lineEnd : rows.records.lineEnd());
      }
    }
  }

  /** A value as a field: quoted where it must be, and where a reader might trim it or take it for null. */
  private static String field(String value) {
    if (value == null) {
      return "";
    }
    boolean plain = !value.isEmpty() && value.equals(value.strip()) && value.chars().noneMatch(each -> "\",\r\n".indexOf(each) >= 0);
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  private static final class Rows implements TextColumn {

    private final CsvRecords records;
    private final String header;
    private final String headerEnd;
    private final List<String> columns;
    private final int place;

    Rows(Configuration hadoop, TableFile file, AddedColumn column) throws IOException {
      records = new CsvRecords(TextFiles.read(hadoop, file.path()), file.path());
      try {
        String mark = records.takeByteOrderMark();
        if (!records.next()) {
          throw new InvalidInputException(file.path() + " is empty; a CSV file begins with a line of column names");
        }
        header = mark + records.text();
        headerEnd = records.lineEnd();
        columns = records.fields().stream().map(name -> name == null ? "" : name).toList();
        ColumnNames.check(file, columns, column);
        place = columns.indexOf(column.source());
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
        throw records.problem("has " + records.fields().size() + " fields, the header " + columns.size() + "; fix the line, or quote "
            + "fields that hold a comma");
      }
      return found;
    }

    @Override
    public String value() {
      return records.fields().get(place);
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
