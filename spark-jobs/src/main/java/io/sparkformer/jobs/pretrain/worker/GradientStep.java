package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.shard.PairBatch;
import io.sparkformer.data.shard.SentencePair;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.jobs.parameterserver.ParameterUpdates;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.graph.PassListener;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.objective.SequenceToSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * One worker's share of a global batch: its micro-batches, run one after another, each adding to the flat gradient.
 * A pair's place in the global batch, and so its dropout masks, does not depend on how many workers share the batch.
 */
final class GradientStep {
  private static final SequenceToSequence OBJECTIVE = new SequenceToSequence(SpecialToken.BEGIN.id(), SpecialToken.END.id());

  private final TransformerModel model;
  private final int rank;
  private final int workers;
  private final int accumulate;

  GradientStep(TransformerModel model, int rank, int workers, int accumulate) {
    this.model = model;
    this.rank = rank;
    this.workers = workers;
    this.accumulate = accumulate;
  }

  /**
   * Leaves the gradient of this worker's share, summed over its target tokens, in the model; returns the loss of the share.
   *
   * @param updates waits for the parameters of the forward pass, and sends ranges of the gradient while the rest is computed
   */
  Loss run(PairBatch batch, long step, ParameterUpdates updates) {
    model.clearGradients();
    Loss loss = Loss.ZERO;
    List<Batch> share = share(batch);
    for (int i = 0; i < share.size(); i++) {
      // The gradient is finished only in the last micro-batch.
      PassListener exchange = i == share.size() - 1 ? updates.during(step + 1) : updates::awaitParameters;
      loss = loss.plus(model.accumulateGradient(share.get(i), step, exchange).only());
    }
    return loss;
  }

  private List<Batch> share(PairBatch batch) {
    List<List<SentencePair>> parts = batch.split(workers * accumulate);
    List<Batch> share = new ArrayList<>(accumulate);
    int firstSource = 0;
    int firstTarget = 0;
    for (int i = 0; i < parts.size(); i++) {
      List<SentencePair> part = parts.get(i);
      if (i / accumulate == rank && !part.isEmpty()) {
        share.add(pack(part, firstSource, firstTarget));
      }
      for (SentencePair pair : part) {
        firstSource += pair.sourceLength();
        firstTarget += pair.targetLength();
      }
    }
    return share;
  }

  /** Packs pairs; the first source and the first target token have these places in the global batch. */
  static Batch pack(List<SentencePair> pairs, int firstSource, int firstTarget) {
    return OBJECTIVE.batch(pairs.stream().map(SentencePair::source).toList(), pairs.stream().map(SentencePair::target).toList(),
        firstSource, firstTarget);
  }
}
