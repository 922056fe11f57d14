package io.sparkformer.jobs.pretrain.saving;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.hub.TensorContent;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.optimizer.WeightAverage;
import java.util.List;
import java.util.function.Supplier;

/**
 * A copy of what one worker writes into a checkpoint, so that training goes on while it is written: the optimizer's state of its own
 * slice, and at the first worker the model: all parameters, or their average. The memory is taken with the first copy and used for
 * every later one.
 */
public final class Snapshot {
  private final ModelConfig config;
  private final TransformerModel model;
  private final Supplier<OptimizerState> live;
  private final WeightAverage average;
  private final boolean withParameters;
  private final long count;
  private FloatRegion parameters;
  private OptimizerState optimizer;

  private Snapshot(ModelConfig config, TransformerModel model, Supplier<OptimizerState> live, WeightAverage average,
      boolean withParameters) {
    this.config = config;
    this.model = model;
    this.live = live;
    this.average = average;
    this.withParameters = withParameters;
    this.count = model.parameters().length();
  }

  /**
   * @param live gives the part of the optimizer's state that the worker saves
   * @param average of the trained parameters, which is saved as the model; null where the parameters are
   */
  public static Snapshot ofRank(int rank, ModelConfig config, TransformerModel model, Supplier<OptimizerState> live,
      WeightAverage average) {
    return new Snapshot(config, model, live, average, rank == 0);
  }

  /** Copies the present values over the last copy, which must not be in use any more. */
  void take() {
    OptimizerState state = live.get();
    optimizer = (average == null ? state : state.with(model.trainedRegion())).copy(optimizer);
    if (withParameters) {
      parameters = parameters == null ? FloatRegion.allocate(count) : parameters;
      parameters.copyFrom(FloatRegion.of(model.parameters()));
      if (average != null) {
        model.trainedRegion(parameters).copyFrom(average.values());
      }
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
