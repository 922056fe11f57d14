package io.sparkformer.data.shard;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the examples of a prepared folder are. The whole folder holds one kind; {@code kind} in its manifest.
 */
public enum ExampleKind {

  /** Sentences and their translations: {@link SentencePair}. */
  @JsonProperty("sentence-pairs")
  SENTENCE_PAIRS("sentence_pair", "pairs", List.of("source", "target"), 1) {
    @Override
    Example example(int[][] ids) {
      return new SentencePair(ids[0], ids[1]);
    }
  },

  /** Rows of running text, packed from documents: {@link TokenRow}. */
  @JsonProperty("token-rows")
  TOKEN_ROWS("token_row", "rows", List.of("tokens"), -1) {
    @Override
    Example example(int[][] ids) {
      return new TokenRow(ids[0]);
    }
  },

  /** Texts with a label each, as a network reads them: {@link LabelledText}. */
  @JsonProperty("labelled-texts")
  LABELLED_TEXTS("labelled_text", "texts", List.of("tokens", "types", "label"), 0) {
    @Override
    Example example(int[][] ids) {
      return new LabelledText(ids[0], ids[1], ids[2][0]);
    }
  };

  private final String record;
  private final String text;
  private final List<String> columns;
  private final int added;

  ExampleKind(String record, String text, List<String> columns, int added) {
    this.record = record;
    this.text = text;
    this.columns = columns;
    this.added = added;
  }

  /** What messages call several examples of this kind: {@code pairs}. */
  public String text() {
    return text;
  }

  /** Columns of a shard, each a list of token ids. */
  public List<String> columns() {
    return columns;
  }

  /** Those of the columns that hold token ids; they stand first. */
  public List<String> tokenColumns() {
    return this == LABELLED_TEXTS ? columns.subList(0, 1) : columns;
  }

  /** Name of Parquet's record. */
  String record() {
    return record;
  }

  /** Tokens that the network sees of a column with so many ids. */
  public int tokens(int ids) {
    return ids + added;
  }

  /** The column whose tokens a network says: that of the only text where there is no other. */
  public int targetColumn() {
    return this == SENTENCE_PAIRS ? 1 : 0;
  }

  /** The example with these ids, by column. */
  abstract Example example(int[][] ids);
}
