package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.SentenceSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.sentence.SentenceJob;
import io.sparkformer.jobs.table.AddedColumn;
import io.sparkformer.jobs.table.TableFormat;
import io.sparkformer.model.decode.AlignmentForm;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.TokenRoles;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates a text file, or a column of a table.
 *
 * <p>{@code main} is the program that translate.sh starts; the object is the job without a command line.
 */
public final class TranslateJob {

  private static final Logger LOG = LoggerFactory.getLogger(TranslateJob.class);

  private final SparkSession session;
  private final TranslateSettings settings;
  private final TranslationTask task;

  /**
   * A job that translates with the model of a source, searching as the options say.
   *
   * @param decoderLayers of the model's network
   */
  public TranslateJob(SparkSession session, TranslateSettings settings, TranslationModelSource source, DecodingOptions options,
      int decoderLayers) {
    this.session = session;
    this.settings = settings;
    this.task = new TranslationTask(source, options, form(settings, decoderLayers), settings.batchTokens(),
        TranslationCounters.on(session.sparkContext()));
  }

  private static TranslationForm form(TranslateSettings settings, int decoderLayers) {
    if (settings.alignmentLayer() > decoderLayers) {
      throw new InvalidInputException("Invalid translate.alignment-layer: %d (the model's decoder has layers 1 to %d)"
          .formatted(settings.alignmentLayer(), decoderLayers));
    }
    boolean watched = settings.alignment() != null || settings.copyUnknown() || settings.coveragePenalty() > 0;
    // Garg et al. 2019, section 5.1: of a network that was not trained to align, the layer before the last one aligns best.
    int layer = settings.alignmentLayer() > 0 ? settings.alignmentLayer() : Math.max(1, decoderLayers - 1);
    return new TranslationForm(settings.given() == null ? null : Given.valueOf(settings.given().toUpperCase(Locale.ROOT)),
        settings.alignment() == null ? null : AlignmentForm.valueOf(settings.alignment().toUpperCase(Locale.ROOT)),
        settings.copyUnknown() ? TranslationForm.Unknown.COPIED : TranslationForm.Unknown.LEFT_OUT, watched ? layer : 0);
  }

  /** The program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The program, but for the end of the process: gives the exit status. */
  static int run(String[] args) {
    return JobProgram.named("translate", "Translates a text file, or a column of a table, with a trained model.")
        .group("Model")
        .flag("--model", "translate.model", "FOLDER", "a training output (its best checkpoint is used), a checkpoint, a model folder")
        .flag("--average", "translate.average", "N", "average the weights of the N newest checkpoints")
        .flag("--ensemble", "translate.ensemble", "FOLDER", "another model with the same vocabulary (a list in [ ]: several): the "
            + "probability of a token is the mean of theirs")
        .group("Input and output")
        .flag("--input", "translate.input", "FILE", "what to translate: text, a sentence a line, or a table; - is standard input")
        .flag("--output", "translate.output", "FILE", "the file (text) or folder (table) to write; - is standard output")
        .switchFlag("--overwrite", "translate.overwrite", "replace an output that is there")
        .flag("--format", "translate.format", "FORMAT", "text, or a table's: parquet, csv, json, orc")
        .flag("--column", "translate.column", "NAME", "the column of a table to translate")
        .flag("--output-column", "translate.output-column", "NAME", "the column that gets the translations")
        .flag("--given", "translate.given", "WHAT", "what stands behind a sentence and a tab: beginning (of the translation), "
            + "phrases (with tabs between; each is part of it), or translation (it is scored)")
        .flag("--alignment", "translate.alignment", "FORM", "behind each translation and a tab, which tokens of the sentence its tokens "
            + "attend to: hard (pairs i-j) or soft (weights)")
        .flag("--alignment-layer", "translate.alignment-layer", "N", "layer of the decoder; 0: the last but one")
        .switchFlag("--copy-unknown", "translate.copy-unknown", "where the model knows no token, take what the sentence says there")
        .group("Search")
        .flag("--prefix", "translate.prefix", "TEXT", "what stands before every sentence (T5)")
        .flag("--beam", "translate.beam", "N", "beam width; 1 is greedy; none: as the model says, or 4")
        .flag("--n-best", "translate.n-best", "N", "translations of each sentence, with scores")
        .flag("--length-penalty", "translate.length-penalty", "ALPHA",
            "a larger one favours longer translations; none: as the model says, or 0.6")
        .flag("--length-normalization", "translate.length-normalization", "FORM",
            "what ALPHA is the exponent of: wu, ((5 + length) / 6), or average, length; none: as the model's rules have it")
        .flag("--coverage-penalty", "translate.coverage-penalty", "BETA", "above 0: for leaving parts of the sentence unattended")
        .flag("--groups", "translate.groups", "N", "diverse beam: N groups of the beam keep away from each other")
        .flag("--diversity", "translate.diversity", "X", "how much: what a token loses that a group before has taken")
        .flag("--min-length", "translate.min-length", "N", "fewest tokens of a translation")
        .flag("--no-repeat-ngram", "translate.no-repeat-ngram", "N", "no run of N tokens comes twice in a translation")
        .flag("--repetition-penalty", "translate.repetition-penalty", "X", "above 1: tokens that came before are less probable")
        .example("translate.sh --model out/run --input text.en --output text.de")
        .example("translate.sh --model out/run < text.en > text.de")
        .example("translate.sh --model out/run --format parquet --column english --input table --output translated")
        .run(args, Settings::translate, TranslateJob::run);
  }

  private static void run(JobRun run, TranslateSettings settings) throws IOException {
    Configuration hadoop = run.spark().sparkContext().hadoopConfiguration();
    GpuResources.require(run.spark().sparkContext(), settings.model().compute());
    ModelLocation model = ModelLocation.find(hadoop, settings.model());
    if (!model.config().network().isEncoderDecoder()) {
      throw new InvalidInputException(("The model %s does not translate: a network of the family %s is no encoder with a decoder; give "
          + "one of marian, m2m_100 or t5").formatted(settings.model().path(), model.config().json().path("model_type").asText()));
    }
    GenerationConfig generation = model.generation();
    SearchChoice search = SearchChoice.of(settings, generation);
    search.lines().forEach(LOG::info);
    String prefix = SourcePrefix.of("translate.prefix", settings.prefix(), model.config().json());
    if (!prefix.isEmpty()) {
      LOG.info("before every sentence: \"{}\"", prefix);
    }
    List<ModelLocation> models = Ensemble.of(hadoop, model, settings);
    TranslationModelSource source = new CheckpointTranslationModel.Source(models, generation.control(), prefix,
        model.roles().id(TokenRoles.Role.UNKNOWN).orElse(-1));
    new TranslateJob(run.spark(), settings, source, search.options(), model.config().network().decoder().layers().size())
        .translate(run.out());
  }

  /**
   * Translates.
   *
   * @param standardOutput where text goes whose output is {@code -}
   * @return a line that sums up what was done
   * @throws io.sparkformer.data.InvalidInputException the input is missing, not UTF-8 or has no such column, or the output exists
   */
  public String translate(PrintWriter standardOutput) throws IOException {
    AddedColumn.Kind kind = task.kind();
    SentenceSettings sentences = settings.sentences();
    if (!sentences.isText() && !TableFormat.BY_NAME.get(sentences.format()).holds(kind)) {
      throw new InvalidInputException(sentences.format() + (task.nBest() > 1 ? " cannot hold lists of translations: n-best=" + task.nBest()
          + "; use --format parquet, json or orc, or n-best 1" : " cannot hold translations with scores: given=translation; use --format "
          + "parquet, json or orc"));
    }
    TranslationCounters counters = task.counters();
    return new SentenceJob<>(session, sentences, task, kind, "translated", counters.sentences())
        .run(task.source().files(), standardOutput, counters::summary);
  }
}
