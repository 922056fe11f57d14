package io.sparkformer.jobs.lineage;

import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.Shard;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.model.hub.HubFolder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The inputs of a training run. */
public final class LineageInputs {
  /** What training reads of the settings. */
  private static final Set<String> GROUPS = Set.of("seed", "kernels", "precision", "model", "train", "parameter-server");
  /** Names of places, whose content counts, what other inputs say, and whom to tell. */
  private static final Set<String> NO_INPUTS = Set.of("train.data", "train.from", "train.output", "train.workers", "train.notify");
  private static final String WEIGHTS = "weights";

  private LineageInputs() {}

  /**
   * @param data the prepared folder
   * @param manifest its manifest; training verifies that the shards are what it says
   * @param weights identity of the weights that the run began with; empty for first weights that were drawn
   * @param workers how many there are, of how many threads each
   */
  public static Map<String, String> of(Configuration hadoop, Path data, ShardManifest manifest, Settings settings,
      Optional<String> weights, int workers, int threads) throws IOException {
    Map<String, String> inputs = new LinkedHashMap<>();
    for (DataPart part : DataPart.values()) {
      for (Shard shard : manifest.part(part).shards()) {
        inputs.put(shard.file(), shard.contentSha256() == null ? shard.sha256() : shard.contentSha256());
      }
    }
    inputs.put("tokenizer", tokenizer(hadoop, new Path(data, "tokenizer.json"), manifest));
    weights.ifPresent(identity -> inputs.put(WEIGHTS, identity));
    inputs.put("settings", Lineage.sha256(settings.lines(LineageInputs::isInput)));
    inputs.put("workers", Integer.toString(workers));
    inputs.put("threads", Integer.toString(threads));
    inputs.putAll(Software.parts());
    return inputs;
  }

  /** The identity of the weights in a model folder: the hash of its file, or that of the names and hashes of several. */
  public static String weights(Configuration hadoop, Path folder) throws IOException {
    List<String> names = HubFolder.open(hadoop, folder).tensorFiles();
    if (names.size() == 1) {
      return Sha256.ofFile(hadoop, new Path(folder, names.get(0)));
    }
    StringBuilder lines = new StringBuilder();
    for (String name : names) {
      lines.append(name).append(" = ").append(Sha256.ofFile(hadoop, new Path(folder, name))).append('\n');
    }
    return Lineage.sha256(lines.toString());
  }

  /** The identity of the weights that a run with this lineage began with. */
  public static Optional<String> weights(Lineage lineage) {
    return Optional.ofNullable(lineage.inputs().get(WEIGHTS));
  }

  /** Of the file that checkpoints copy. Without it the manifest says what it was; the first checkpoint will fail. */
  private static String tokenizer(Configuration hadoop, Path file, ShardManifest manifest) throws IOException {
    return file.getFileSystem(hadoop).exists(file) ? Sha256.ofFile(hadoop, file) : manifest.tokenizerSha256();
  }

  private static boolean isInput(String key) {
    boolean excluded = NO_INPUTS.stream().anyMatch(each -> key.equals(each) || key.startsWith(each + "."));
    return !excluded && GROUPS.contains(key.split("\\.", 2)[0]);
  }
}
