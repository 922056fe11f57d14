package io.sparkformer.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.model.ModelTensors;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointContent;
import io.sparkformer.model.checkpoint.CheckpointDraft;
import io.sparkformer.model.checkpoint.CheckpointFile;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.optimizer.Adam;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes checkpoints: every worker its slice of the optimizer's state, the first one the rest. All workers call the same methods at
 * the same step.
 */
final class Saving {
  private final CheckpointStore store;
  private final TrainingPlan plan;
  private final TransformerModel model;
  private final Adam adam;
  private final Transport transport;
  private final Reporting reporting;
  private long savedStep;

  Saving(Configuration hadoop, TrainingPlan plan, TransformerModel model, Adam adam, Transport transport, Reporting reporting,
      long savedStep) throws IOException {
    this.store = new CheckpointStore(hadoop, plan.settings().output());
    this.plan = plan;
    this.model = model;
    this.adam = adam;
    this.transport = transport;
    this.reporting = reporting;
    this.savedStep = savedStep;
  }

  /** Saves a state, unless this step was saved already. */
  void save(TrainingState state) throws IOException {
    if (state.step() == savedStep) {
      return;
    }
    long start = System.nanoTime();
    CheckpointDraft draft = store.draft(state.step(), plan.runId().replace("-", ""));
    String own = draft.writeOptimizer(transport.rank(), plan.workers(), adam).toJson();
    List<CheckpointFile> files = transport.exchange(state.step(), "files of the checkpoint", own.getBytes(StandardCharsets.UTF_8)).stream()
        .map(file -> CheckpointFile.fromJson(new String(file, StandardCharsets.UTF_8))).toList();
    if (transport.rank() == 0) {
      JsonNode config = new ObjectMapper().readTree(model.config().toJson());
      CheckpointContent content = new CheckpointContent(config, plan.configuration(), state.toJson(),
          new Path(plan.settings().data(), "tokenizer.json"));
      List<CheckpointFile> all = new ArrayList<>(draft.writeModel(ModelTensors.of(model), content));
      all.addAll(files);
      Checkpoint committed = draft.commit(all);
      store.prune(plan.settings().checkpoint().keep());
      reporting.checkpoint(new Report.Checkpoint(state.step(), committed.path().toString(), (System.nanoTime() - start) / 1e9));
    }
    // No worker goes on, and perhaps ends the run, before the checkpoint is committed.
    transport.exchange(state.step(), "commit of the checkpoint", new byte[0]);
    savedStep = state.step();
  }

  /** Saves a state and marks it as the best. */
  void saveBest(TrainingState state) throws IOException {
    save(state);
    if (transport.rank() == 0) {
      store.markBest(state.step(), new ObjectMapper().createObjectNode().put("validation_nll", state.bestNll()));
    }
  }
}
