package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.DocumentText;
import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.RowFormat;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.jobs.config.PrepareSettings;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText;
import java.util.List;

/** The two kinds of text, and what is done differently with them. */
enum TextKind {

  /** Sentences and translations. */
  PAIRS("pairs", "pair", List.of(ParallelText.SOURCE, ParallelText.TARGET)) {
    @Override
    ShardLayout layout(PrepareSettings settings) {
      return ShardLayout.ofPairs(settings.shardPairs());
    }

    @Override
    int maxTokens(PrepareSettings settings) {
      return settings.maxTokens();
    }
  },

  /** Running text, which is cut into rows. */
  DOCUMENTS("documents", "document", List.of(DocumentText.TEXT)) {
    @Override
    ShardLayout layout(PrepareSettings settings) {
      return ShardLayout.ofRows(new RowFormat(settings.rowTokens(), SpecialToken.END.id()), settings.shardTokens());
    }

    @Override
    int maxTokens(PrepareSettings settings) {
      return Integer.MAX_VALUE;
    }
  };

  private final String text;
  private final String one;
  private final List<String> columns;

  TextKind(String text, String one, List<String> columns) {
    this.text = text;
    this.one = one;
    this.columns = columns;
  }

  static TextKind of(CorpusText text) {
    return text instanceof CorpusText.Documents ? DOCUMENTS : PAIRS;
  }

  /** What is made of it. */
  ExampleKind examples() {
    return this == PAIRS ? ExampleKind.SENTENCE_PAIRS : ExampleKind.TOKEN_ROWS;
  }

  /** The word for several. */
  String text() {
    return text;
  }

  /** The word for one. */
  String one() {
    return one;
  }

  /** Columns of the table of cleaned text. */
  List<String> columns() {
    return columns;
  }

  abstract ShardLayout layout(PrepareSettings settings);

  /** Most tokens of a column; what has more is dropped. */
  abstract int maxTokens(PrepareSettings settings);
}
