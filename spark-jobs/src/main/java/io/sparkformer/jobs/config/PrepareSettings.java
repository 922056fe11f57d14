package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.atLeast;
import static io.sparkformer.jobs.config.Limits.notNegative;
import static io.sparkformer.jobs.config.Limits.positive;
import static io.sparkformer.jobs.config.Limits.require;

import io.sparkformer.data.corpus.DocumentFormat;
import io.sparkformer.data.tokenizer.SubwordAlgorithm;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code prepare} group and {@code seed}; base.conf says what each means.
 *
 * @param train the training text
 * @param validation where validation pairs come from
 * @param output the folder to write
 * @param tokenizer the one to use, or what to train
 */
public record PrepareSettings(
    long seed,
    CorpusText train,
    ValidationText validation,
    OutputSettings output,
    CleanSettings clean,
    TokenizerSettings tokenizer,
    int maxTokens,
    int shardPairs,
    int rowTokens,
    long shardTokens) implements Serializable {

  public PrepareSettings {
    positive("prepare.max-tokens", maxTokens);
    positive("prepare.shard-pairs", shardPairs);
    positive("prepare.row-tokens", rowTokens);
    positive("prepare.shard-tokens", shardTokens);
    if (validation instanceof ValidationText.Given given) {
      require(given.text() instanceof CorpusText.Documents == train instanceof CorpusText.Documents, "prepare.validation.text",
          given.text() instanceof CorpusText.Documents ? "set" : "not set", "must be set where prepare.train.text is, and only there");
    }
  }

  /** Text in one of its forms: parallel text, or documents. */
  public sealed interface CorpusText extends Serializable {
    /** Two text files, aligned line by line. */
    record AlignedFiles(Path source, Path target) implements CorpusText {
    }

    /** One file of tab-separated pairs; columns count from 1. */
    record TabSeparated(Path file, int sourceColumn, int targetColumn) implements CorpusText {
      public TabSeparated {
        positive("prepare.tsv.source-column", sourceColumn);
        positive("prepare.tsv.target-column", targetColumn);
        require(sourceColumn != targetColumn, "prepare.tsv.target-column", targetColumn,
            "must differ from prepare.tsv.source-column");
      }
    }

    /**
     * Documents in a file, in the files of a folder, or in those that match a pattern.
     *
     * @param column that holds the text, of JSON and Parquet
     * @param cleaning of training text
     */
    record Documents(Path name, DocumentFormat format, String column, DocumentSettings cleaning) implements CorpusText {
    }
  }

  /** Where validation text comes from. */
  public sealed interface ValidationText extends Serializable {
    /** Text of its own. */
    record Given(CorpusText text) implements ValidationText {
    }

    /** Pairs taken out of the cleaned training text: a fraction of them, and never more than maxPairs. */
    record HeldOut(double fraction, int maxPairs) implements ValidationText {
      public HeldOut {
        require(fraction >= 0 && fraction <= 0.5, "prepare.held-out.fraction", fraction, "must be from 0 to 0.5");
        Limits.notNegative("prepare.held-out.max-pairs", maxPairs);
      }
    }
  }

  /** The {@code prepare.clean} group: thresholds of the named rules. */
  public record CleanSettings(int maxWords, int maxCharacters, double maxLengthRatio, boolean dropIdenticalSides,
      boolean dropDuplicates) implements Serializable {
    public CleanSettings {
      positive("prepare.clean.max-words", maxWords);
      positive("prepare.clean.max-characters", maxCharacters);
      require(maxLengthRatio >= 1, "prepare.clean.max-length-ratio", maxLengthRatio, "must be >= 1");
    }
  }

  /** The {@code prepare.tokenizer} group. */
  public sealed interface TokenizerSettings extends Serializable {
    /**
     * One entry for each character of the training text.
     *
     * @param sentinels entries for missing spans, behind the others
     */
    record Characters(int sentinels) implements TokenizerSettings {
      public Characters {
        notNegative("prepare.tokenizer.sentinels", sentinels);
      }
    }

    /** A tokenizer.json that is there. */
    record Existing(Path path) implements TokenizerSettings {
    }

    /**
     * Parts of words, learnt from the training text.
     *
     * @param sentinels entries for missing spans, behind the {@code vocabulary}
     */
    record Trained(SubwordAlgorithm algorithm, int vocabulary, int minFrequency, int maxUniqueWords, int sentinels)
        implements TokenizerSettings {
      public Trained {
        atLeast("prepare.tokenizer.vocabulary", vocabulary, algorithm.smallestVocabulary());
        positive("prepare.tokenizer.min-frequency", minFrequency);
        positive("prepare.tokenizer.max-unique-words", maxUniqueWords);
        notNegative("prepare.tokenizer.sentinels", sentinels);
      }
    }
  }

  static PrepareSettings from(SettingValues values) {
    CorpusText train = corpus(values, "prepare.train").orElseThrow(() -> InvalidSettingException.problem("prepare.train.tsv",
        "no training text is set", "set prepare.train.text, prepare.train.tsv, or both prepare.train.source and prepare.train.target"));
    return new PrepareSettings(
        values.wide("seed"),
        train,
        validation(values),
        values.output("prepare.output", "prepare.overwrite"),
        new CleanSettings(values.integer("prepare.clean.max-words"), values.integer("prepare.clean.max-characters"),
            values.decimal("prepare.clean.max-length-ratio"), values.isOn("prepare.clean.drop-identical-sides"),
            values.isOn("prepare.clean.drop-duplicates")),
        tokenizer(values),
        values.integer("prepare.max-tokens"),
        values.integer("prepare.shard-pairs"),
        values.integer("prepare.row-tokens"),
        values.wide("prepare.shard-tokens"));
  }

  /** The choices of {@code prepare.tokenizer.kind}. */
  private enum TokenizerKind {
    BPE, UNIGRAM, WORDPIECE, CHARACTERS
  }

  private static TokenizerSettings tokenizer(SettingValues values) {
    TokenizerKind kind = values.choice("prepare.tokenizer.kind", TokenizerKind.values());
    int sentinels = values.integer("prepare.tokenizer.sentinels");
    return values.path("prepare.tokenizer.path").<TokenizerSettings>map(TokenizerSettings.Existing::new)
        .orElseGet(() -> kind == TokenizerKind.CHARACTERS ? new TokenizerSettings.Characters(sentinels)
            : new TokenizerSettings.Trained(SubwordAlgorithm.valueOf(kind.name()), values.integer("prepare.tokenizer.vocabulary"),
                values.integer("prepare.tokenizer.min-frequency"), values.integer("prepare.tokenizer.max-unique-words"), sentinels));
  }

  private static ValidationText validation(SettingValues values) {
    return corpus(values, "prepare.validation").<ValidationText>map(ValidationText.Given::new)
        .orElseGet(() -> new ValidationText.HeldOut(
            values.decimal("prepare.held-out.fraction"), values.integer("prepare.held-out.max-pairs")));
  }

  private static Optional<CorpusText> corpus(SettingValues values, String group) {
    Optional<Path> source = values.path(group + ".source");
    Optional<Path> target = values.path(group + ".target");
    Optional<Path> tsv = values.path(group + ".tsv");
    Optional<Path> text = values.path(group + ".text");
    if (text.isPresent()) {
      if (tsv.isPresent() || source.isPresent() || target.isPresent()) {
        throw InvalidSettingException.problem(group + ".text", "both " + group + ".text and " + group + ".tsv, .source or .target are set",
            "keep one, and set the others to null");
      }
      return Optional.of(new CorpusText.Documents(text.get(), values.choice("prepare.text.documents", DocumentFormat.values()),
          values.needed("prepare.text.column"), DocumentSettings.from(values)));
    }
    if (tsv.isPresent() && (source.isPresent() || target.isPresent())) {
      throw InvalidSettingException.problem(group + ".tsv", "both " + group + ".tsv and " + group + ".source or .target are set",
          "keep one, and set the other to null");
    }
    if (source.isPresent() != target.isPresent()) {
      String set = group + (source.isPresent() ? ".source" : ".target");
      String missing = group + (source.isPresent() ? ".target" : ".source");
      throw InvalidSettingException.problem(set, set + " is set without " + missing, "set " + missing + " too");
    }
    return tsv.isPresent()
        ? Optional.of(new CorpusText.TabSeparated(tsv.get(), values.integer("prepare.tsv.source-column"),
            values.integer("prepare.tsv.target-column")))
        : source.map(path -> new CorpusText.AlignedFiles(path, target.orElseThrow()));
  }
}
