package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the names of a file's columns. */
final class ColumnNames {

  private static final int SHOWN = 50;

  private ColumnNames() { }

  /** Checks a file that names all its columns. */
  static void check(TableFile file, List<String> columns, TableColumns wanted) {
    for (SourceColumn source : wanted.sources()) {
      if (!columns.contains(source.name())) {
        throw missing(source, file.path(), columns);
      }
      if (columns.indexOf(source.name()) != columns.lastIndexOf(source.name())) {
        throw new InvalidInputException(file.path() + " has two columns " + source.name() + "; rename one");
      }
    }
    checkNew(file, columns, wanted);
  }

  /** Checks that names are free that the copy will have. */
  static void checkNew(TableFile file, Collection<String> columns, TableColumns wanted) {
    for (AddedColumn column : wanted.added()) {
      if (columns.contains(column.name()) || file.partition().containsKey(column.name())) {
        throw new InvalidInputException("column " + column.name() + " exists already in " + file.path()
            + "; name another with --output-column");
      }
    }
    for (String partition : file.partition().keySet()) {
      if (columns.contains(partition)) {
        throw new InvalidInputException("column " + partition + " of " + file.path() + " is also named by its folder; rename one");
      }
    }
  }

  /** Checks that no two names are the same where a format cannot tell them apart. */
  static void checkDifferent(TableFile file, List<String> columns) {
    Set<String> seen = new HashSet<>();
    for (String name : columns) {
      if (!seen.add(name)) {
        throw new InvalidInputException(file.path() + " has two columns " + name + ", which cannot be told apart; rename one");
      }
    }
  }

  static InvalidInputException missing(SourceColumn column, Object where, Collection<String> columns) {
    String more = columns.size() > SHOWN ? ", ..." : "";
    return new InvalidInputException("no column " + column.name() + " in " + where + "; it has "
        + String.join(", ", columns.stream().limit(SHOWN).toList()) + more);
  }

  /** Of a column that holds something else than it may. */
  static InvalidInputException unreadable(SourceColumn column, Object where, String type) {
    return new InvalidInputException("column " + column.name() + " of " + where + " holds no " + (column.isText() ? "text"
        : "text, numbers or truth values") + ": its type is " + type);
  }
}
