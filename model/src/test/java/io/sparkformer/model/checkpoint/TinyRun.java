package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.hub.NamedTensor;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.Adam;
import io.sparkformer.model.optimizer.AdamSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;

/** A training run small enough to save thousands of times: two tensors, and optimizers that own slices of them. */
final class TinyRun {
  static final int PARAMETERS = 100;
  static final Configuration HADOOP = new Configuration();

  final FloatRegion flat = FloatRegion.allocate(PARAMETERS);
  final List<NamedTensor> tensors = List.of(
      NamedTensor.of("encoder.weight", flat.slice(0, 84), 12, 7), NamedTensor.of("encoder.bias", flat.slice(84, 100), 16));
  final List<Adam> owners = new ArrayList<>();
  private final Random random = new Random(11);

  /** @param ends where the owners' slices end */
  TinyRun(int... ends) {
    int from = 0;
    for (int end : ends) {
      owners.add(new Adam(new AdamSettings(0.9, 0.98, 1e-9), new FlatRange(from, end), new ParallelBlocks(1)));
      from = end;
    }
  }

  void train(int updates) {
    for (int update = 0; update < updates; update++) {
      float[] gradient = new float[PARAMETERS];
      for (int i = 0; i < PARAMETERS; i++) {
        gradient[i] = (float) random.nextGaussian();
      }
      FloatRegion gradients = FloatRegion.copyOf(gradient);
      owners.forEach(owner -> owner.update(flat.slice(owner.range()), gradients.slice(owner.range()), 1, 0.01));
    }
  }

  Checkpoint save(CheckpointStore store, long step, Path tokenizer) throws IOException {
    CheckpointDraft draft = store.draft(step, "attempt0");
    return draft.commit(write(draft, step, tokenizer));
  }

  List<CheckpointFile> write(CheckpointDraft draft, long step, Path tokenizer) throws IOException {
    List<CheckpointFile> files = new ArrayList<>();
    for (int rank = 0; rank < owners.size(); rank++) {
      files.add(CheckpointFile.fromJson(draft.writeOptimizer(rank, owners.size(), OptimizerState.of(owners.get(rank))).toJson()));
    }
    files.addAll(draft.writeModel(tensors, content(step, tokenizer)));
    return files;
  }

  private static CheckpointContent content(long step, Path tokenizer) {
    ObjectNode config = new ObjectMapper().createObjectNode().put("d_model", 7);
    ObjectNode state = new ObjectMapper().createObjectNode().put("step", step).put("seed", 42);
    state.putObject("position").put("epoch", 3).put("window", 2).put("batch", 1);
    return new CheckpointContent(config, "train { batch-tokens = 4096 }\n", state, hadoopPath(tokenizer), Map.of());
  }

  static Path tokenizer(Path folder) throws IOException {
    return Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":{\"type\":\"BPE\"}}");
  }

  static org.apache.hadoop.fs.Path hadoopPath(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
