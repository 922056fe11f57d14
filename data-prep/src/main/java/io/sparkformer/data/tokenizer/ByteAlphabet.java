package io.sparkformer.data.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The 256 symbols of byte-level BPE: one printable character for every byte, so that a vocabulary is readable text.
 *
 * <p>Bytes that are printable in Latin-1 stand for themselves; the other 68 take U+0100 and up in the order of their values, so that
 * a space is {@code Ġ} and a line feed {@code Ċ}. This is the mapping of GPT-2 (Radford et al., 2019) and of Hugging Face's
 * {@code ByteLevel}.
 */
final class ByteAlphabet {

  /** Number of symbols. */
  static final int SIZE = 256;

  private static final int FIRST_SUBSTITUTE = 0x100;
  private static final char[] SYMBOL_OF_BYTE = symbolOfByte();
  /** The symbols in ascending order, which is the order of their token ids. */
  private static final String SYMBOLS = sorted(SYMBOL_OF_BYTE);

  private ByteAlphabet() {
  }

  /** The symbols as one-character strings, in the order of their token ids. */
  static List<String> symbols() {
    return IntStream.range(0, SIZE).mapToObj(rank -> SYMBOLS.substring(rank, rank + 1)).toList();
  }

  /** Place of a byte's symbol among {@link #symbols()}, by the byte's unsigned value. */
  static int[] rankOfByte() {
    return IntStream.range(0, SIZE).map(value -> SYMBOLS.indexOf(SYMBOL_OF_BYTE[value])).toArray();
  }

  /** The UTF-8 bytes of well-formed text, a symbol each. */
  static String toSymbols(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder symbols = new StringBuilder(bytes.length);
    for (byte value : bytes) {
      symbols.append(SYMBOL_OF_BYTE[value & 0xff]);
    }
    return symbols.toString();
  }

  /** The text of symbols; bytes that are no whole character become {@code \xC3}, and so does what is no symbol, by its UTF-8 bytes. */
  static String toText(String symbols) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < symbols.length(); i++) {
      int value = new String(SYMBOL_OF_BYTE).indexOf(symbols.charAt(i));
      bytes.writeBytes(value >= 0 ? new byte[] {(byte) value} : symbols.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
    }
    StringBuilder text = new StringBuilder();
    ByteBuffer rest = ByteBuffer.wrap(bytes.toByteArray());
    CharBuffer decoded = CharBuffer.allocate(bytes.size());
    while (rest.hasRemaining()) {
      CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
      decoder.decode(rest, decoded, true);
      text.append(decoded.flip());
      decoded.clear();
      if (rest.hasRemaining()) {
        text.append(String.format(Locale.ROOT, "\\x%02X", rest.get() & 0xff));
      }
    }
    return text.toString();
  }

  private static boolean standsForItself(int value) {
    return value >= '!' && value <= '~' || value >= 0xa1 && value <= 0xff && value != 0xad;
  }

  private static char[] symbolOfByte() {
    char[] symbols = new char[SIZE];
    int substitute = FIRST_SUBSTITUTE;
    for (int value = 0; value < SIZE; value++) {
      symbols[value] = (char) (standsForItself(value) ? value : substitute++);
    }
    return symbols;
  }

  private static String sorted(char[] symbols) {
    char[] copy = symbols.clone();
    Arrays.sort(copy);
    return new String(copy);
  }
}
