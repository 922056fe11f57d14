package io.sparkformer.jobs.prepare;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.Settings;

/**
 * The program {@code prepare.sh}.
 */
public final class PrepareJob {

  private PrepareJob() {
  }

  /**
   * Prepares, and exits the process.
   */
  public static void main(String[] args) {
    program().main(args, Settings::prepare, (run, settings) ->
      new Preparation(run.spark(), settings).prepare().lines().forEach(run.out()::println));
  }

  static JobProgram program() {
    return JobProgram.named("prepare",
      "Cleans and tokenizes parallel text, or text for language models, and writes it as token shards for training.")
      .group("Training text")
      .flag("--source", "prepare.train.source", "FILE", "training text, a sentence a line")
      .flag("--target", "prepare.train.target", "FILE", "its translation, aligned line by line")
      .flag("--tsv", "prepare.train.tsv", "FILE", "both in one tab-separated file")
      .flag("--text", "prepare.train.text", "FILES", "or text for a language model: a file, folder or pattern")
      .group("Validation text (without it, some of the training text is taken)")
      .flag("--validation-source", "prepare.validation.source", "FILE", "validation text")
      .flag("--validation-target", "prepare.validation.target", "FILE", "its translation")
      .flag("--validation-text", "prepare.validation.text", "FILES", "validation text for a language model")
      .group("Tokenizer")
      .flag("--vocabulary", "prepare.tokenizer.vocabulary", "N", "entries of the vocabulary")
      .flag("--tokenizer", "prepare.tokenizer.path", "FILE", "use this tokenizer.json instead of training one")
      .group("Output")
      .flag("--output", "prepare.output", "FOLDER", "folder to write")
      .switchFlag("--overwrite", "prepare.overwrite", "replace the output folder if it exists")
      .flag("--seed", "seed", "N", "of the random order and the held-out pairs")
      .example("prepare.sh --source train.en.gz --target train.de.gz --output out/data")
      .example("prepare.sh -c conf/quickstart.conf");
  }
}
