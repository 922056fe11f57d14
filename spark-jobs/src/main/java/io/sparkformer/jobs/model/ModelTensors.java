package io.sparkformer.jobs.model;

import io.sparkformer.model.checkpoint.NamedTensor;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.memory.FloatRegion;
import java.util.List;

/** The parameters of a network as the tensors of a checkpoint. */
public final class ModelTensors {
  private ModelTensors() {}

  /** All tensors, in the order of the flat array; they share the model's memory. */
  public static List<NamedTensor> of(TransformerModel model) {
    return of(model, FloatRegion.of(model.parameters()));
  }

  /**
   * All tensors of other memory that is laid out as the model's parameters.
   *
   * @param flat {@code [parameters]}
   */
  public static List<NamedTensor> of(TransformerModel model, FloatRegion flat) {
    return model.namedParameters().stream()
        .map(parameter -> NamedTensor.of(parameter.name(), flat.slice(parameter.offset(), parameter.offset() + parameter.length()),
            parameter.shape()))
        .toList();
  }
}
