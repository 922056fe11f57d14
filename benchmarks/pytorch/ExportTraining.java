import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.BatchPosition;
import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.Readers;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.TokenRow;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.memory.FloatRegion;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Writes what {@code pretrain} would train a language model with, for TorchTraining: the first weights, the batches in their order, and the
 * validation rows. Arguments: the folder to write, a configuration file, and assignments.
 */
public final class ExportTraining {
  private ExportTraining() {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Configuration hadoop = new Configuration();
    Settings settings = Settings.load(Optional.of(args[1]), Arrays.stream(args).skip(2).map(Assignment::parse).toList(), hadoop);
    TrainSettings train = settings.train();
    ShardManifest data = ShardManifest.read(hadoop, train.data());
    int end = data.rows().endOfDocument();
    NetworkConfig network = settings.model().config(data.vocabularySize(), new SpecialTokens(0, end, end), train.seed()).network();
    TransformerModel model = TransformerModel.create(network, new Nd4jKernels());
    List<String> tensors = new ArrayList<>();
    model.namedParameters().forEach(each -> tensors.add(each.name() + " " + Arrays.toString(each.shape()).replaceAll("[\\[\\],]", "")));
    Files.write(folder.resolve("tensors.txt"), tensors);
    try (DataOutputStream out = open(folder, "weights.bin")) {
      for (float value : FloatRegion.of(model.parameters()).toArray()) {
        out.writeFloat(value);
      }
    }
    BatchPlan plan = train.batches();
    try (DataOutputStream out = open(folder, "batches.bin");
        BatchSequence batches = BatchSequence.endless(hadoop, train.data(), plan, BatchPosition.START, Readers.ALONE)) {
      for (long step = 0; step < train.maxSteps(); step++) {
        write(out, batches.next().examples());
      }
    }
    try (DataOutputStream out = open(folder, "validation.bin");
        BatchSequence batches = BatchSequence.onePass(hadoop, train.data(), DataPart.VALIDATION, plan, Readers.ALONE)) {
      while (batches.hasNext()) {
        write(out, batches.next().examples());
      }
    }
    try (DataOutputStream out = open(folder, "train.bin");
        BatchSequence batches = BatchSequence.onePass(hadoop, train.data(), DataPart.TRAIN, plan, Readers.ALONE)) {
      while (batches.hasNext()) {
        write(out, batches.next().examples());
      }
    }
    Files.writeString(folder.resolve("run.properties"), """
        width=%d
        heads=%d
        layers=%d
        positions=%d
        vocabulary=%d
        gelu=%s
        epsilon=%s
        steps=%d
        peak=%s
        minimum=%s
        warmup=%d
        beta1=%s
        beta2=%s
        adamEpsilon=%s
        decay=%s
        clip=%s
        rowsOfBatch=%d
        """.formatted(network.width(), network.decoder().layers().get(0).selfAttention().heads(), network.decoder().layers().size(),
        network.maxLength(), network.vocabulary(), network.decoder().layers().get(0).feedForward().activation(), 1e-5, train.maxSteps(),
        train.learningRate().peak(), train.learningRate().minimum(), train.learningRate().warmupSteps(), train.optimizer().beta1(),
        train.optimizer().beta2(), train.optimizer().epsilon(), train.optimizer().weightDecay(), train.optimizer().clipNorm(),
        train.batchTokens() / data.rows().tokens()));
    System.out.println(folder + ": " + train.maxSteps() + " batches, " + model.parameters().length() + " parameters");
    System.exit(0);
  }

  private static DataOutputStream open(Path folder, String name) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)), 1 << 20));
  }

  private static void write(DataOutputStream out, List<? extends Example> rows) throws IOException {
    out.writeInt(rows.size());
    for (Example row : rows) {
      int[] ids = ((TokenRow) row).tokens();
      out.writeInt(ids.length);
      for (int id : ids) {
        out.writeInt(id);
      }
    }
  }
}
