package io.sparkformer.jobs.pretrain.saving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.card.CardScores;
import io.sparkformer.jobs.card.ModelCard;
import io.sparkformer.jobs.evaluate.Bleu;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.report.Report;
import io.sparkformer.jobs.pretrain.report.Reporting;
import io.sparkformer.jobs.pretrain.saving.PendingCheckpoint.Phase;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.checkpoint.CheckpointContent;
import io.sparkformer.model.checkpoint.CheckpointDraft;
import io.sparkformer.model.checkpoint.CheckpointFile;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes checkpoints while training goes on: every worker writes its slice of the optimizer's state, and the first one everything else,
 * from copies and on a separate thread. At most one checkpoint is pending. All workers call the same methods at the same step; their
 * decisions depend only on the state and on numbers that all have exchanged. A failure on the thread is thrown by the next call.
 */
public final class Saving implements AutoCloseable {
  private final CheckpointStore store;
  private final TrainingPlan plan;
  private final Duration deadline;
  private final JsonNode config;
  private final Transport transport;
  private final Reporting reporting;
  private final Snapshot snapshot;
  private final ExecutorService thread;

  private TrainingState latest;
  private boolean latestIsBest;
  private PendingCheckpoint pending;

  /** @param saved the state of the checkpoint that the run begins from; null without one */
  public Saving(Configuration hadoop, TrainingPlan plan, Snapshot snapshot, Transport transport, Reporting reporting, TrainingState saved)
      throws IOException {
    this.store = new CheckpointStore(hadoop, plan.settings().output());
    this.plan = plan;
    this.deadline = plan.settings().parameterServer().deadline();
    this.config = new ObjectMapper().readTree(plan.model().config());
    this.transport = transport;
    this.reporting = reporting;
    this.snapshot = snapshot;
    this.latest = saved;
    this.thread = Executors.newSingleThreadExecutor(body -> {
      Thread writer = new Thread(body, "checkpoint-writer-" + transport.rank());
      writer.setDaemon(true);
      return writer;
    });
  }

  /** Begins to save a state, unless it was saved already; waits for an earlier checkpoint that is still pending. */
  public void save(TrainingState state) throws IOException {
    if (state.equals(latest)) {
      return;
    }
    finish();
    reporting.show();
    snapshot.take();
    latest = state;
    latestIsBest = false;
    Map<String, String> documents = transport.rank() == 0 ? documents(state) : Map.of();
    CheckpointDraft draft = store.draft(state.step(), plan.attemptId());
    pending = new PendingCheckpoint(transport.rank(), state, draft);
    pending.begin(Phase.WRITING, thread, () -> {
      List<CheckpointFile> files = new ArrayList<>();
      files.add(draft.writeOptimizer(transport.rank(), plan.workers(), snapshot.optimizer()));
      if (transport.rank() == 0) {
        files.addAll(draft.writeModel(snapshot.tensors(), new CheckpointContent(config, plan.configuration(), state.toJson(),
            new Path(plan.settings().data(), "tokenizer.json"), plan.model().companions(), documents)));
      }
      return files;
    });
  }

  /** The files of a checkpoint that are written for people. */
  private Map<String, String> documents(TrainingState state) {
    CardScores scores = reporting.lastValidation().map(last -> new CardScores(state.step(), state.trainedTargetTokens(), last.step(),
        last.nll(), last.accuracy(), last.bleu(), last.bleuSentences(), Bleu.STANDARD.signature())).orElseGet(() -> new CardScores(
        state.step(), state.trainedTargetTokens(), -1, Double.NaN, Double.NaN, Double.NaN, 0, ""));
    return Map.of(Lineage.FILE, plan.lineage().toJson().toPrettyString() + "\n",
        ModelCard.FILE, plan.card().text(scores, snapshot.parameters(), plan.lineage()));
  }

  /** As {@link #save}; the checkpoint is marked as the best when it is committed. */
  public void saveBest(TrainingState state) throws IOException {
    save(state);
    latestIsBest = true;
  }

  /** Whether this worker has done its part of the pending checkpoint; true when there is none. */
  public boolean isReady() throws IOException {
    return pending == null || pending.isDone(deadline);
  }

  /** Begins the next phase of the pending checkpoint; all workers must be {@linkplain #isReady ready}. */
  public void proceed() throws IOException {
    if (pending == null) {
      return;
    }
    if (pending.phase() == Phase.WRITING) {
      List<CheckpointFile> files = gather(pending.result(deadline));
      PendingCheckpoint checkpoint = pending;
      boolean best = latestIsBest;
      pending.begin(Phase.COMMITTING, thread, () -> {
        if (transport.rank() == 0) {
          commit(checkpoint, files, best);
        }
        return List.of();
      });
    } else {
      reporting.checkpoint(new Report.Checkpoint(pending.state().step(), pending.draft().target().toString(), pending.seconds()));
      pending = null;
    }
  }

  /** Waits until the pending checkpoint is committed. */
  public void finish() throws IOException {
    while (pending != null) {
      pending.result(deadline);
      if (pending.phase() == Phase.COMMITTING) {
        // No worker continues, and perhaps ends the run, before the first has committed.
        transport.exchange(pending.state().step(), "commit of the checkpoint", new byte[0]);
      }
      proceed();
    }
  }

  private void commit(PendingCheckpoint checkpoint, List<CheckpointFile> files, boolean best) throws IOException {
    checkpoint.draft().commit(files);
    if (best) {
      TrainingState state = checkpoint.state();
      store.markBest(state.step(), new ObjectMapper().createObjectNode().put("validation_nll", state.bestNll()));
    }
    store.prune(plan.settings().checkpoint().keep());
  }

  /** The files of all workers, in rank order. */
  private List<CheckpointFile> gather(List<CheckpointFile> own) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (CheckpointFile file : own) {
      lines.write((file.toJson() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    List<CheckpointFile> files = new ArrayList<>();
    for (byte[] message : transport.exchange(pending.state().step(), "files of the checkpoint", lines.toByteArray())) {
      new String(message, StandardCharsets.UTF_8).lines().map(CheckpointFile::fromJson).forEach(files::add);
    }
    return files;
  }

  /** Leaves a pending checkpoint unfinished; the next start of the run deletes it. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
