package io.sparkformer.jobs.table;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order of names: by their characters, but runs of digits by their value, so that {@code part-9} precedes {@code part-10}. */
public final class NaturalOrder {

  private static final Pattern PIECE = Pattern.compile("[0-9]+|[^0-9]+");

  private NaturalOrder() { }

  /** As a comparator; 0 only for equal names. */
  public static int compare(String a, String b) {
    Matcher left = PIECE.matcher(a);
    Matcher right = PIECE.matcher(b);
    while (true) {
      boolean more = left.find();
      if (more != right.find()) {
        return more ? 1 : -1;
      }
      int order = more ? comparePieces(left.group(), right.group()) : a.compareTo(b);
      if (order != 0 || !more) {
        return order;
      }
    }
  }

  private static int comparePieces(String a, String b) {
    boolean numbers = Character.isDigit(a.charAt(0)) && Character.isDigit(b.charAt(0));
    return numbers ? new BigInteger(a).compareTo(new BigInteger(b)) : a.compareTo(b);
  }
}
