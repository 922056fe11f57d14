package io.sparkformer.data.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The class of a character in the pre-tokenizer's expression: {@code \p{L}}, {@code \p{N}}, {@code \s}, or none of them.
 *
 * <p>The answers come from {@code character-classes.txt}, a table taken from the native tokenizer library itself, and not from the
 * JDK: the two know different versions of Unicode, and the JDK's changes with the JDK. A test compares the table with the library
 * for every code point.
 */
enum CharacterClass {
  LETTER, NUMBER, SPACE, OTHER;

  /** Name of the table, beside this class; each line is a class name, and the first and last code point of a range in hex. */
  static final String TABLE = "character-classes.txt";

  private static final int BMP = 0x10000;
  private static final CharacterClass[] BY_ORDINAL = values();
  private static final Table LOADED = Table.load();

  /** Class of a code point, 0 to 0x10FFFF; {@code OTHER} for surrogates. */
  static CharacterClass of(int codePoint) {
    return BY_ORDINAL[codePoint < BMP ? LOADED.basic[codePoint] : LOADED.supplementary(codePoint)];
  }

  /** Ordinals of the classes: an array for the basic plane, sorted ranges above. */
  private static final class Table {
    private final byte[] basic = new byte[BMP];
    private int[] first = new int[0];
    private int[] last = new int[0];
    private byte[] ordinal = new byte[0];

    private static Table load() {
      Table table = new Table();
      Arrays.fill(table.basic, (byte) OTHER.ordinal());
      try (InputStream in = CharacterClass.class.getResourceAsStream(TABLE);
          BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
        lines.lines().filter(line -> !line.startsWith("#")).forEach(table::add);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + TABLE + " of the job jar", e);
      }
      return table;
    }

    private void add(String line) {
      String[] fields = line.split(" ");
      byte type = (byte) CharacterClass.valueOf(fields[0]).ordinal();
      int from = Integer.parseInt(fields[1], 16);
      int to = Integer.parseInt(fields[2], 16);
      if (from < BMP) {
        Arrays.fill(basic, from, Math.min(to, BMP - 1) + 1, type);
      }
      if (to >= BMP) {
        int n = first.length;
        first = Arrays.copyOf(first, n + 1);
        last = Arrays.copyOf(last, n + 1);
        ordinal = Arrays.copyOf(ordinal, n + 1);
        first[n] = Math.max(from, BMP);
        last[n] = to;
        ordinal[n] = type;
      }
    }

    private int supplementary(int codePoint) {
      int found = Arrays.binarySearch(first, codePoint);
      int range = found >= 0 ? found : -found - 2;
      return range >= 0 && codePoint <= last[range] ? ordinal[range] : OTHER.ordinal();
    }
  }
}
