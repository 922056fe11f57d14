package io.sparkformer.jobs.finetune;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.LengthHistogram;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.jobs.config.FinetuneSettings;
import io.sparkformer.jobs.config.TableSettings;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.model.config.NetworkConfig;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Makes a prepared folder of labelled texts of tables, as a network reads them. */
final class LabelledFolder {
  private static final long SHARD_TEXTS = 100_000;

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final FinetuneSettings settings;
  private final ModelLocation model;
  private final int longest;
  /** Whether the network tells the second text of a pair from the first by the types of tokens. */
  private final boolean readsTypes;

  /** @param from what the user calls the model */
  LabelledFolder(SparkSession session, FinetuneSettings settings, ModelLocation model, Path from) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.hadoop = spark.hadoopConfiguration();
    this.settings = settings;
    this.model = model;
    NetworkConfig network = model.config().network();
    if (network.encoder() == null || network.decoder() != null) {
      throw new InvalidInputException("%s is no encoder by itself, and cannot be fine-tuned on labelled texts; take a BERT or RoBERTa"
          .formatted(from));
    }
    this.longest = settings.maxLength() == 0 ? network.maxLength() : Math.min(settings.maxLength(), network.maxLength());
    this.readsTypes = network.encoder().embedding().tokenTypes() > 1;
  }

  /**
   * Writes the folder, over one that was left by a run without a checkpoint.
   *
   * @return lines that say what was read
   * @throws InvalidInputException when a table or its labels cannot be read
   */
  List<String> write(Path folder) throws IOException {
    List<Path> inputs = new ArrayList<>(model.files());
    inputs.add(settings.train().path());
    settings.validation().map(TableSettings::path).ifPresent(inputs::add);
    List<String> lines = new ArrayList<>();
    try (StagedOutput output = new StagedOutput(hadoop, new OutputTarget(folder, OutputKind.PREPARED, Existing.REPLACE, inputs))) {
      Path tokenizer = copyTokenizer(output.path());
      spark.sc().setJobDescription("finetune: reading the labels of " + settings.train().path());
      LabelledTable train = LabelledTable.open(spark, settings.train(), settings);
      LabelReading labels = LabelReading.of(settings, train);
      ShardSet trained = writePart(output.path(), DataPart.TRAIN, train, labels, tokenizer, lines);
      if (trained.examples() == 0) {
        throw new InvalidInputException("no row of %s has text and label".formatted(train.path()));
      }
      Optional<TableSettings> given = settings.validation();
      ShardSet validated = given.isEmpty() ? new ShardSet(List.of(), List.of(0, 0, 0), LengthHistogram.EMPTY,
          new CleaningReport(0, 0, Map.of())) : writePart(output.path(), DataPart.VALIDATION,
          LabelledTable.open(spark, given.get(), settings), labels, tokenizer, lines);
      labels.names().write(hadoop, output.path());
      new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.LABELLED_TEXTS, null, settings.seed(), vocabulary(tokenizer),
          Sha256.ofFile(hadoop, tokenizer), trained, validated).write(hadoop, output.path());
      output.commit();
      lines.add(labels.names().areValues() ? "labels: values"
          : "classes: " + String.join(", ", labels.names().names().stream().limit(20).toList())
              + (labels.names().names().size() > 20 ? ", ..." : ""));
      return lines;
    } finally {
      spark.sc().setJobDescription(null);
    }
  }

  private Path copyTokenizer(Path folder) throws IOException {
    Path file = new Path(folder, TokenizerFile.NAME);
    try (InputStream in = model.tokenizer().getFileSystem(hadoop).open(model.tokenizer());
        OutputStream out = file.getFileSystem(hadoop).create(file, false)) {
      in.transferTo(out);
      return file;
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("%s does not exist; convert the model's vocabulary with transformers: AutoTokenizer.from_pretrained("
          .formatted(model.tokenizer()) + "FOLDER).save_pretrained(FOLDER)", e);
    }
  }

  private int vocabulary(Path tokenizer) {
    try (Tokenizer loaded = Tokenizer.load(PlainFiles.configuration(hadoop), tokenizer)) {
      return loaded.vocabularySize();
    }
  }

  private ShardSet writePart(Path folder, DataPart part, LabelledTable table, LabelReading labels, Path tokenizer, List<String> lines)
      throws IOException {
    labels.check(table, settings.labelColumn());
    spark.sc().setJobDescription("finetune: encoding " + table.path());
    Dataset<Row> encoded = new TextEncoding(tokenizer, longest, readsTypes, labels).encode(session, table.rows())
        .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long kept = encoded.count();
      long cut = encoded.filter(TextEncoding.CUT).count();
      CleaningReport report = new CleaningReport(kept, kept, Map.of());
      CleaningReport whole = new CleaningReport(table.read(), kept, table.dropped());
      ShardSet shards = new ShardWriter(folder, part, settings.seed(), ShardLayout.ofTexts(SHARD_TEXTS)).write(encoded, report);
      lines.add(String.format(Locale.ROOT, "%s: %,d of %,d rows (dropped: %s)%s", table.path(), kept, table.read(), whole.droppedText(),
          cut == 0 ? "" : String.format(Locale.ROOT, "; %,d texts have more than %,d tokens, and lost their end", cut, longest)));
      return new ShardSet(shards.shards(), shards.longest(), shards.lengths(), whole);
    } finally {
      encoded.unpersist();
    }
  }
}
