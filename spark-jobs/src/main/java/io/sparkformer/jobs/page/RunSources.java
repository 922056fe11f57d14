package io.sparkformer.jobs.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.history.RunHistory;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a training output holds for its report.
 *
 * @param settings the resolved configuration; empty before the first checkpoint, or where a later version wrote it
 * @param lineage empty for checkpoints of earlier versions
 * @param data empty where the prepared folder is not there any more
 */
record RunSources(Path output, RunHistory history, Optional<Settings> settings, Optional<Lineage> lineage, Optional<ShardManifest> data) {

  static Optional<RunSources> read(Configuration hadoop, Path output) throws IOException {
    Optional<RunHistory> history = RunHistory.read(hadoop, output);
    if (history.isEmpty()) {
      return Optional.empty();
    }
    Optional<Checkpoint> newest = new CheckpointStore(hadoop, output).newestUnverified();
    Optional<Settings> settings = Optional.empty();
    Optional<Lineage> lineage = Optional.empty();
    if (newest.isPresent()) {
      settings = settings(newest.get());
      Optional<String> document = newest.get().document(Lineage.FILE);
      lineage = document.isEmpty() ? Optional.empty() : Optional.of(Lineage.fromJson(new ObjectMapper().readTree(document.get())));
    }
    return Optional.of(new RunSources(output, history.get(), settings, lineage, settings.flatMap(known -> data(hadoop, known))));
  }

  private static Optional<Settings> settings(Checkpoint checkpoint) throws IOException {
    try {
      return Optional.of(Settings.parse(checkpoint.runConfiguration(), checkpoint.path() + "/run.conf"));
    } catch (InvalidSettingException e) {
      return Optional.empty();
    }
  }

  private static Optional<ShardManifest> data(Configuration hadoop, Settings settings) {
    try {
      return Optional.of(ShardManifest.read(hadoop, settings.train().data()));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }
}
