package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.data.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowPackerTest {

  private static final int END = 2;

  @Test
  void documentsFollowEachOtherAndAreCutWhereARowIsFull() {
    assertThat(pack(4, new int[] {10, 11}, new int[] {12, 13, 14}, new int[] {})).containsExactly(
      new TokenRow(new int[] {END, 10, 11, END, 12}), new TokenRow(new int[] {12, 13, 14, END, END}));
  }

  @Test
  void lastRowHoldsWhatIsLeft() {
    assertThat(pack(4, new int[] {10, 11, 12, 13, 14})).containsExactly(
      new TokenRow(new int[] {END, 10, 11, 12, 13}), new TokenRow(new int[] {13, 14, END}));
  }

  @Test
  void noDocumentsGiveNoRow() {
    assertThat(pack(4)).isEmpty();
  }

  /** What the network reads, row after row, is the text with an end-of-document token before every document: nothing more or less. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 1000})
  void nothingIsLostOrRepeatedForWhoeverReads(int tokens) {
    SplitMix64 random = SplitMix64.of(tokens);
    int[][] documents = IntStream.range(0, 50)
      .mapToObj(i -> IntStream.range(0, random.nextBelow(30)).map(t -> 5 + random.nextBelow(90)).toArray()).toArray(int[][]::new);
    List<Integer> expected = new ArrayList<>();
    for (int[] document : documents) {
      expected.add(END);
      Arrays.stream(document).forEach(expected::add);
    }
    List<TokenRow> rows = pack(tokens, documents);
    List<Integer> read = new ArrayList<>();
    rows.forEach(row -> Arrays.stream(row.tokens()).limit(row.tokens().length - 1L).forEach(read::add));
    assertThat(read).isEqualTo(expected);
    assertThat(rows.subList(0, rows.size() - 1)).allSatisfy(row -> assertThat(row.length()).isEqualTo(tokens));
    for (int i = 1; i < rows.size(); i++) {
      int[] before = rows.get(i - 1).tokens();
      assertThat(rows.get(i).tokens()[0]).isEqualTo(before[before.length - 1]);
    }
  }

  private static List<TokenRow> pack(int tokens, int[]... documents) {
    RowPacker packer = new RowPacker(new RowFormat(tokens, END));
    List<TokenRow> rows = new ArrayList<>();
    for (int[] document : documents) {
      rows.addAll(packer.add(document));
    }
    rows.addAll(packer.rest());
    assertThat(packer.rest()).isEmpty();
    return rows;
  }
}
