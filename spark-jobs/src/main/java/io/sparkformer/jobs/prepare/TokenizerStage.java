package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.tokenizer.CharacterTokenizer;
import io.sparkformer.data.tokenizer.PostProcessor;
import io.sparkformer.data.tokenizer.Sentinels;
import io.sparkformer.data.tokenizer.SubwordModel;
import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.data.tokenizer.WordCounter;
import io.sparkformer.data.tokenizer.WordCounts;
import io.sparkformer.jobs.config.PrepareSettings.TokenizerSettings;
import io.sparkformer.model.hub.Companions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Puts a {@code tokenizer.json} into the folder: one trained on the training text, or a copy of the one given.
 */
final class TokenizerStage {

  private static final String NAME = "tokenizer";

  private final Configuration hadoop;
  private final TokenizerSettings settings;
  private final StageClock clock;

  TokenizerStage(Configuration hadoop, TokenizerSettings settings, StageClock clock) {
    this.hadoop = hadoop;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * @param train table of cleaned training text
   * @return the file that was written
   * @throws InvalidInputException if the text cannot give so large a vocabulary, or if the given file is missing
   */
  Path write(Dataset<Row> train, TextKind kind, Path folder) throws IOException {
    Path file = new Path(folder, TokenizerFile.NAME);
    if (settings instanceof TokenizerSettings.Existing existing) {
      copy(existing.path(), file);
    } else {
      Dataset<String> lines = kind.columns().stream().map(column -> train.select(column).as(Encoders.STRING())).reduce(Dataset::union)
        .orElseThrow();
      if (settings instanceof TokenizerSettings.Trained trained) {
        train(trained, lines, kind == TextKind.PAIRS ? PostProcessor.END_TOKEN : PostProcessor.NONE, file);
      } else if (settings instanceof TokenizerSettings.Characters characters) {
        clock.begin(NAME, "collecting characters");
        TokenizerFile.write(hadoop, file, Sentinels.added(CharacterTokenizer.train(lines), characters.sentinels()));
      }
    }
    return file;
  }

  private void train(TokenizerSettings.Trained trained, Dataset<String> lines, PostProcessor processor, Path file) throws IOException {
    clock.begin(NAME, "counting words");
    WordCounts words = new WordCounter(trained.algorithm(), trained.maxUniqueWords()).count(lines);
    clock.end(NAME, "%,d unique of %,d words", words.size(), words.total());
    clock.begin(NAME, "learning " + trained.vocabulary() + " entries");
    SubwordModel model = trained.algorithm().train(words, trained.vocabulary(), trained.minFrequency());
    TokenizerFile.write(hadoop, file, Sentinels.added(TokenizerFile.json(model, processor), trained.sentinels()));
    clock.end(NAME, "%s", model.summary());
  }

  private void copy(Path given, Path file) throws IOException {
    clock.begin(NAME, "taking " + given);
    try (InputStream in = given.getFileSystem(PlainFiles.configuration(hadoop)).open(given);
       OutputStream out = file.getFileSystem(hadoop).create(file, false)) {
      IOUtils.copyBytes(in, out, hadoop);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("Missing tokenizer: " + given + " does not exist; check prepare.tokenizer.path", e);
    }
    FileSystem files = given.getFileSystem(PlainFiles.configuration(hadoop));
    for (Map.Entry<String, byte[]> companion : Companions.ofTokenizer(files, given.getParent()).entrySet()) {
      try (OutputStream out = file.getFileSystem(hadoop).create(new Path(file.getParent(), companion.getKey()), false)) {
        out.write(companion.getValue());
      }
    }
  }
}
