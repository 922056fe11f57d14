package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.model.ModelTensors;
import io.sparkformer.model.checkpoint.NamedTensor;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.Adam;
import java.util.List;

/**
 * A copy of what one worker writes into a checkpoint, so that training goes on while it is written: the optimizer's state of its own
 * slice, and at the first worker all parameters. The memory is taken with the first copy and used for every later one.
 */
final class Snapshot {
  private final TransformerModel model;
  private final Adam adam;
  private final boolean withParameters;
  private FloatRegion parameters;
  private OptimizerState optimizer;

  private Snapshot(TransformerModel model, Adam adam, boolean withParameters) {
    this.model = model;
    this.adam = adam;
    this.withParameters = withParameters;
  }

  static Snapshot ofRank(int rank, TransformerModel model, Adam adam) {
    return new Snapshot(model, adam, rank == 0);
  }

  /** Copies the present values; the last copy must not be in use any more. */
  void take() {
    optimizer = OptimizerState.of(adam).copy(optimizer);
    if (withParameters) {
      FloatRegion live = FloatRegion.of(model.parameters());
      parameters = parameters == null ? FloatRegion.allocate(live.length()) : parameters;
      parameters.copyFrom(live);
    }
  }

  OptimizerState optimizer() {
    return optimizer;
  }

  /** The copied parameters as the tensors of a checkpoint; of the first worker only. */
  List<NamedTensor> tensors() {
    return ModelTensors.of(model, parameters);
  }
}
