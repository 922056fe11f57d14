package io.sparkformer.jobs.pretrain.saving;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.hub.TensorContent;
import io.sparkformer.model.memory.FloatRegion;
import java.util.List;
import java.util.function.Supplier;

/**
 * A copy of what one worker writes into a checkpoint, so that training goes on while it is written: the optimizer's state of its own
 * slice, and at the first worker all parameters. The memory is taken with the first copy and used for every later one.
 */
public final class Snapshot {
  private final ModelConfig config;
  private final TransformerModel model;
  private final Supplier<OptimizerState> live;
  private final boolean withParameters;
  private final long count;
  private FloatRegion parameters;
  private OptimizerState optimizer;

  private Snapshot(ModelConfig config, TransformerModel model, Supplier<OptimizerState> live, boolean withParameters) {
    this.config = config;
    this.model = model;
    this.live = live;
    this.withParameters = withParameters;
    this.count = model.parameters().length();
  }

  /** @param live gives the part of the optimizer's state that the worker saves */
  public static Snapshot ofRank(int rank, ModelConfig config, TransformerModel model, Supplier<OptimizerState> live) {
    return new Snapshot(config, model, live, rank == 0);
  }

  /** Copies the present values over the last copy, which must not be in use any more. */
  void take() {
    optimizer = live.get().copy(optimizer);
    if (withParameters) {
      FloatRegion present = FloatRegion.of(model.parameters());
      parameters = parameters == null ? FloatRegion.allocate(present.length()) : parameters;
      parameters.copyFrom(present);
    }
  }

  /** How many parameters the model has. */
  long parameters() {
    return count;
  }

  OptimizerState optimizer() {
    return optimizer;
  }

  /** The copied parameters as the tensors of a checkpoint; only at the first worker. */
  List<? extends TensorContent> tensors() {
    return ModelTensors.of(config, model.namedParameters(), parameters).all();
  }
}
