package io.sparkformer.jobs.lineage;

import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.Shard;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.Settings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The inputs of a training run. */
public final class LineageInputs {
  /** What training reads of the settings. */
  private static final Set<String> GROUPS = Set.of("seed", "kernels", "precision", "model", "train", "parameter-server");
  /** Names of places, whose content counts, what other inputs say, and whom to tell. */
  private static final Set<String> NO_INPUTS = Set.of("train.data", "train.output", "train.workers", "train.notify");

  private LineageInputs() {}

  /**
   * @param data the prepared folder
   * @param manifest its manifest; training verifies that the shards are what it says
   * @param workers how many there are, of how many threads each
   */
  public static Map<String, String> of(Configuration hadoop, Path data, ShardManifest manifest, Settings settings, int workers,
      int threads) throws IOException {
    Map<String, String> inputs = new LinkedHashMap<>();
    for (DataPart part : DataPart.values()) {
      for (Shard shard : manifest.part(part).shards()) {
        inputs.put(shard.file(), shard.contentSha256() == null ? shard.sha256() : shard.contentSha256());
      }
    }
    inputs.put("tokenizer", tokenizer(hadoop, new Path(data, "tokenizer.json"), manifest));
    inputs.put("settings", Lineage.sha256(settings.lines(LineageInputs::isInput)));
    inputs.put("workers", Integer.toString(workers));
    inputs.put("threads", Integer.toString(threads));
    inputs.putAll(Software.parts());
    return inputs;
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
