package io.sparkformer.data.tokenizer;

import java.util.Random;

/** Text of the nastier kinds, the same for the same seed. */
final class RandomText {

  private static final String[] PIECES = {
    " ", "  ", "\t", "\n", "\r\n", "\u0085", "\u00a0", "\u2003", "\u2028", "\u3000", "\u180e", "\u200b", "\ufeff",
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'", "\u2019s", "''", "it's", "we'll", "Größe", "straße", "x\u0301", "\u0130",
    "42", "²", "½", "\u0665", "\u2167", "!", "...", "--", "_", "</s>", "<pad>", "\0", "\u0001", "\u001f", "\u007f",
    "\u05e9\u05dc\u05d5\u05dd", "\u0627\u0644", "\u4e2d\u6587", "\ud83d\ude00",
    "\ud83d\udc69\u200d\ud83d\udcbb", "\ue000", "\ud835\udfd8",
    "\ufffd", "\uffff", "a", "B", "the", "und"};

  private RandomText() {
  }

  /** Pieces that meet each other in ways that a corpus rarely shows. */
  static String ofPieces(Random random, int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /** Any Unicode characters, assigned or not. */
  static String ofCodePoints(Random random, int codePoints) {
    StringBuilder text = new StringBuilder();
    while (text.codePointCount(0, text.length()) < codePoints) {
      int range = random.nextInt(3) == 0 ? 0x300 : random.nextBoolean() ? 0x10000 : Character.MAX_CODE_POINT + 1;
      int codePoint = random.nextInt(range);
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }
}
