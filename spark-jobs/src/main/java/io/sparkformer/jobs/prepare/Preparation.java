package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.CleanedText;
import io.sparkformer.data.corpus.Cleaning;
import io.sparkformer.data.corpus.CleaningLimits;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.corpus.CleaningRule;
import io.sparkformer.data.corpus.HeldOut;
import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.corpus.TextFile;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.config.PrepareSettings;
import io.sparkformer.jobs.config.PrepareSettings.CleanSettings;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText;
import io.sparkformer.jobs.config.PrepareSettings.ValidationText;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes a prepared folder of parallel text: cleans, takes validation pairs out, trains or copies the tokenizer, encodes, writes shards and
 * the manifest.
 */
public final class Preparation {

  /** Pairs that left the training text for the validation part are counted under this name. */
  static final String HELD_OUT = "held-out";

  private final SparkSession spark;
  private final Configuration hadoop;
  private final PrepareSettings settings;
  private final StageClock clock;

  /** Clean text of one part, with its report. */
  private record PartText(Dataset<Row> pairs, CleaningReport report) {
  }

  /**
   * @param spark a running session
   * @param settings what to prepare
   */
  public Preparation(SparkSession spark, PrepareSettings settings) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.clock = new StageClock(spark.sparkContext());
  }

  /**
   * Prepares, and commits the folder when it is complete.
   *
   * @throws InvalidInputException for anything that is wrong with the input, the settings or the output folder
   * @throws IOException if the file system fails; nothing is left behind then
   */
  public PrepareSummary prepare() throws IOException {
    OutputTarget target = new OutputTarget(settings.output().path(), OutputKind.PREPARED,
      Existing.of(settings.output().overwrite()), settings.output().inputs());
    try (clock; StagedOutput folder = new StagedOutput(hadoop, target);
       CleanedText train = clean("training text", settings.train(), limits(settings.clean()))) {
      PrepareSummary summary = settings.validation() instanceof ValidationText.Given given
        ? prepareGiven(folder.path(), train, given)
        : prepareHeldOut(folder.path(), train, (ValidationText.HeldOut) settings.validation());
      folder.commit();
      return summary;
    }
  }

  private PrepareSummary prepareGiven(Path folder, CleanedText train, ValidationText.Given given) throws IOException {
    try (CleanedText validation = clean("validation text", given.text(), CleaningLimits.VALIDATION)) {
      return write(folder, new PartText(train.pairs(), train.report()), new PartText(validation.pairs(), validation.report()));
    }
  }

  private PrepareSummary prepareHeldOut(Path folder, CleanedText cleaned, ValidationText.HeldOut part) throws IOException {
    HeldOut split = HeldOut.take(cleaned.pairs(), cleaned.report().kept(), part.fraction(), part.maxPairs(), settings.seed());
    long pairs = split.heldOutPairs();
    return write(folder, new PartText(split.remaining(), cleaned.report().thenDropped(HELD_OUT, pairs)),
      new PartText(split.heldOut(), new CleaningReport(pairs, pairs, Map.of())));
  }

  private CleanedText clean(String stage, CorpusText text, CleaningLimits limits) {
    ParallelText files = parallelText(text);
    clock.begin(stage, "reading and cleaning " + files.files());
    SparkSession sized = SizedSession.of(spark, files.estimatedBytes());
    CleanedText cleaned = new Cleaning(limits).clean(sized, files);
    clock.end(stage, "%,d of %,d pairs kept (dropped: %s)",
      cleaned.report().kept(), cleaned.report().read(), PrepareSummary.dropped(cleaned.report()));
    return cleaned;
  }

  private PrepareSummary write(Path folder, PartText train, PartText validation) throws IOException {
    Path tokenizerJson = new TokenizerStage(hadoop, settings.tokenizer(), clock).write(train.pairs(), folder);
    int vocabularySize;
    try (Tokenizer tokenizer = Tokenizer.load(hadoop, tokenizerJson)) {
      vocabularySize = tokenizer.vocabularySize();
    }
    Broadcast<String> json = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(text(tokenizerJson));
    try {
      Encoding encoding = new Encoding(json, settings.maxTokens());
      PartStage.Written trainPart = stage(DataPart.TRAIN, encoding, folder).write(train.pairs(), train.report(), folder);
      PartStage.Written validationPart =
        stage(DataPart.VALIDATION, encoding, folder).write(validation.pairs(), validation.report(), folder);
      ShardManifest manifest = new ShardManifest(ShardManifest.FORMAT_VERSION, settings.seed(), vocabularySize,
        Sha256.ofFile(hadoop, tokenizerJson), trainPart.shards(), validationPart.shards());
      manifest.write(hadoop, folder);
      return new PrepareSummary(settings.output().path(), manifest, trainPart.words(), clock.totalSeconds());
    } finally {
      json.destroy();
    }
  }

  private PartStage stage(DataPart part, Encoding encoding, Path folder) {
    ShardWriter writer = new ShardWriter(folder, part, settings.seed(), settings.shardPairs());
    return new PartStage(part, encoding, writer, clock);
  }

  private String text(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private ParallelText parallelText(CorpusText text) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    if (text instanceof CorpusText.AlignedFiles files) {
      return new ParallelText.AlignedFiles(TextFile.open(context, files.source()), TextFile.open(context, files.target()));
    }
    CorpusText.TabSeparated tsv = (CorpusText.TabSeparated) text;
    return new ParallelText.TabSeparatedFile(TextFile.open(context, tsv.file()), tsv.sourceColumn(), tsv.targetColumn());
  }

  private static CleaningLimits limits(CleanSettings clean) {
    EnumSet<CleaningRule> rules = EnumSet.of(CleaningRule.EMPTY, CleaningRule.TOO_LONG, CleaningRule.LENGTH_RATIO);
    if (clean.dropIdenticalSides()) {
      rules.add(CleaningRule.IDENTICAL_SIDES);
    }
    if (clean.dropDuplicates()) {
      rules.add(CleaningRule.DUPLICATE_PAIR);
    }
    return new CleaningLimits(clean.maxWords(), clean.maxCharacters(), clean.maxLengthRatio(), rules);
  }
}
