package io.sparkformer.jobs.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.corpus.CleaningReport;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardLayout;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.data.shard.ShardWriter;
import io.sparkformer.data.tokenizer.BpeTrainer;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.data.tokenizer.WordCounts;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.checkpoint.CheckpointContent;
import io.sparkformer.model.checkpoint.CheckpointDraft;
import io.sparkformer.model.checkpoint.CheckpointFile;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A prepared folder {@code data} and a training output {@code model} with a small untrained network, for tests of jobs. */
public final class TinyModelFolder {

  public static final int VOCABULARY = 280;
  private static final Configuration HADOOP = new Configuration();

  private final Path folder;

  private TinyModelFolder(Path folder) {
    this.folder = folder;
  }

  /** Writes both into a folder; sources and targets are the sentences and the same in upper case. */
  public static TinyModelFolder write(SparkSession spark, java.nio.file.Path folder, List<String> sentences) throws IOException {
    return write(spark, folder, sentences,
        Map.of("line", 9L, " seven", 8L, " and", 7L, " LINE", 6L, "small", 5L, " other", 4L));
  }

  /** Writes both with a tokenizer that has learnt its {@link #VOCABULARY} from other words. */
  public static TinyModelFolder write(SparkSession spark, java.nio.file.Path folder, List<String> sentences, Map<String, Long> words)
      throws IOException {
    TinyModelFolder made = new TinyModelFolder(new Path(folder.toUri()));
    TokenizerFile.write(HADOOP, made.tokenizer(), BpeTrainer.train(WordCounts.of(words), VOCABULARY, 1));
    try (Tokenizer tokenizer = Tokenizer.load(HADOOP, made.tokenizer())) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < sentences.size(); i++) {
        rows.add(RowFactory.create((long) i, tokenizer.encode(sentences.get(i)), tokenizer.encode(sentences.get(i).toUpperCase())));
      }
      ShardSet train = made.shards(spark, rows, DataPart.TRAIN);
      ShardSet validation = made.shards(spark, rows.subList(0, rows.size() / 2), DataPart.VALIDATION);
      new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.SENTENCE_PAIRS, null, 1, VOCABULARY,
          Sha256.ofFile(HADOOP, made.tokenizer()), train, validation)
          .write(HADOOP, made.data());
    }
    made.writeModel(VOCABULARY);
    return made;
  }

  /** The prepared folder. */
  public Path data() {
    return new Path(folder, "data");
  }

  /** The training output. */
  public Path model() {
    return new Path(folder, "model");
  }

  /** The tokenizer that both were made with. */
  public Path tokenizer() {
    return new Path(data(), TokenizerFile.NAME);
  }

  private ShardSet shards(SparkSession spark, List<Row> rows, DataPart part) throws IOException {
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType)
        .add("source", DataTypes.createArrayType(DataTypes.IntegerType))
        .add("target", DataTypes.createArrayType(DataTypes.IntegerType));
    return new ShardWriter(data(), part, 1, ShardLayout.ofPairs(50))
        .write(spark.createDataFrame(rows, schema), new CleaningReport(rows.size(), rows.size(), Map.of()));
  }

  /** The training output, its newest checkpoints averaged, as a job is told of it. */
  public ModelChoice choice(int average) {
    return new ModelChoice(model(), average, Settings.defaults().compute());
  }

  /** Writes a network of another vocabulary as the newest checkpoint. */
  public void writeModel(int vocabulary) throws IOException {
    writeModel(vocabulary, vocabulary, 7);
  }

  /** Writes a network whose weights are a function of the seed, as the checkpoint of a step. */
  void writeModel(int vocabulary, long step, long seed) throws IOException {
    ModelConfig config = new TransformerSettings(1, 1, 16, 2, 32, NormPosition.PRE, Activation.RELU, TiedEmbeddings.ALL, 0.1,
        0, 0, 0.1, 40, 1e-5).config(vocabulary, new SpecialTokens(0, 1, 2), seed);
    TransformerModel model = TransformerModel.create(config.network(), new Nd4jKernels());
    FloatRegion flat = FloatRegion.of(model.parameters());
    CheckpointDraft draft = new CheckpointStore(HADOOP, model()).draft(step, "test");
    ObjectMapper json = new ObjectMapper();
    List<CheckpointFile> files = new ArrayList<>(draft.writeModel(ModelTensors.of(config, model).all(),
        new CheckpointContent(config.json(), "", json.createObjectNode(), tokenizer(), Map.of())));
    Adam adam = new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(0, flat.length()), new ParallelBlocks(1));
    files.add(draft.writeOptimizer(0, 1, OptimizerState.of(adam)));
    draft.commit(files);
  }
}
