package io.sparkformer.jobs.prepare;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.CleanedText;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.corpus.DocumentRule;
import io.sparkformer.data.corpus.HeldOut;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.config.PrepareSettings;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText;
import io.sparkformer.jobs.config.PrepareSettings.ValidationText;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes a prepared folder of pairs or documents: cleans, takes validation text out, trains or copies the tokenizer, encodes, writes shards
 * and the manifest.
 */
public final class Preparation {

  /** Pairs or documents that left the training text for the validation part are counted under this name. */
  static final String HELD_OUT = "held-out";

  private final SparkSession spark;
  private final Configuration hadoop;
  private final PrepareSettings settings;
  private final TextKind kind;
  private final StageClock clock;

  /** Clean text of one part, with its report. */
  private record PartText(Dataset<Row> text, CleaningReport report) {
  }

  /**
   * @param spark a running session
   * @param settings what to prepare
   */
  public Preparation(SparkSession spark, PrepareSettings settings) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.kind = TextKind.of(settings.train());
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
       CleanedText train = clean(DataPart.TRAIN, settings.train())) {
      PrepareSummary summary = settings.validation() instanceof ValidationText.Given given
        ? prepareGiven(folder.path(), train, given)
        : prepareHeldOut(folder.path(), train, (ValidationText.HeldOut) settings.validation());
      folder.commit();
      return summary;
    }
  }

  private PrepareSummary prepareGiven(Path folder, CleanedText train, ValidationText.Given given) throws IOException {
    try (CleanedText validation = clean(DataPart.VALIDATION, given.text())) {
      return write(folder, new PartText(train.text(), train.report()), new PartText(validation.text(), validation.report()));
    }
  }

  private PrepareSummary prepareHeldOut(Path folder, CleanedText cleaned, ValidationText.HeldOut part) throws IOException {
    HeldOut split = HeldOut.take(cleaned.text(), cleaned.report().kept(), part.fraction(), part.maxPairs(), settings.seed());
    return write(folder, new PartText(split.remaining(), cleaned.report().thenDropped(HELD_OUT, split.count())),
      new PartText(split.heldOut(), new CleaningReport(split.count(), split.count(), Map.of())));
  }

  private CleanedText clean(DataPart part, CorpusText text) {
    String stage = part == DataPart.TRAIN ? "training text" : "validation text";
    Corpus corpus = Corpora.open(spark, settings, text, part);
    clock.begin(stage, "reading and cleaning " + corpus.files());
    CleanedText cleaned = corpus.clean(SizedSession.of(spark, corpus.estimatedBytes()));
    clock.end(stage, "%,d of %,d %s kept (dropped: %s)",
      cleaned.report().kept(), cleaned.report().read(), kind.text(), cleaned.report().droppedText());
    return cleaned;
  }

  private PrepareSummary write(Path folder, PartText train, PartText validation) throws IOException {
    Path tokenizerJson = new TokenizerStage(hadoop, settings.tokenizer(), clock).write(train.text(), kind, folder);
    int vocabularySize;
    try (Tokenizer tokenizer = Tokenizer.load(hadoop, tokenizerJson)) {
      vocabularySize = tokenizer.vocabularySize();
    }
    Broadcast<String> json = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(text(tokenizerJson));
    try {
      PartStage stage = new PartStage(kind, new Encoding(json, kind, kind.maxTokens(settings)), clock);
      ShardLayout layout = kind.layout(settings);
      PartStage.Written trainPart = stage.write(train.text(), train.report(), writer(folder, DataPart.TRAIN, layout), folder);
      PartStage.Written validationPart =
        stage.write(validation.text(), validation.report(), writer(folder, DataPart.VALIDATION, layout), folder);
      ShardManifest manifest = new ShardManifest(ShardManifest.FORMAT_VERSION, layout.kind(), layout.rows(), settings.seed(),
        vocabularySize, Sha256.ofFile(hadoop, tokenizerJson), trainPart.shards(), validationPart.shards());
      manifest.write(hadoop, folder);
      return new PrepareSummary(settings.output().path(), manifest, trainPart.words(), clock.totalSeconds(), notes());
    } finally {
      json.destroy();
    }
  }

  private List<String> notes() {
    return settings.train() instanceof CorpusText.Documents documents
      && documents.cleaning().rules().contains(DocumentRule.NEAR_DUPLICATE) ? List.of(documents.cleaning().nearness().description())
      : List.of();
  }

  private ShardWriter writer(Path folder, DataPart part, ShardLayout layout) {
    return new ShardWriter(folder, part, settings.seed(), layout);
  }

  private String text(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
