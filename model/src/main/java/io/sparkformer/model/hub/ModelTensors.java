package io.sparkformer.model.hub;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.TensorMapping;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.memory.FloatRegion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parameters of a network as the tensors of its family's files; they share the flat array's memory. */
public final class ModelTensors {
  private final ModelConfig config;
  private final List<MappedTensor> tensors;

  private ModelTensors(ModelConfig config, List<MappedTensor> tensors) {
    this.config = config;
    this.tensors = tensors;
  }

  /** The tensors of a model's own parameters. */
  public static ModelTensors of(ModelConfig config, TransformerModel model) {
    return of(config, model.namedParameters(), FloatRegion.of(model.parameters()));
  }

  /**
   * @param config of the model
   * @param parameters where each parameter lies
   * @param flat the flat parameters, or other memory that is laid out as they are
   */
  public static ModelTensors of(ModelConfig config, List<NamedParameter> parameters, FloatRegion flat) {
    Map<String, NamedParameter> byName = new HashMap<>();
    parameters.forEach(parameter -> byName.put(parameter.name(), parameter));
    Set<String> mapped = new LinkedHashSet<>();
    List<MappedTensor> tensors = new ArrayList<>();
    for (TensorMapping mapping : config.tensors()) {
      NamedParameter parameter = byName.get(mapping.parameter());
      if (parameter == null) {
        throw new IllegalStateException("Tensor %s maps to parameter %s, which the network lacks; it has %s"
            .formatted(mapping.name(), mapping.parameter(), byName.keySet()));
      }
      mapped.add(parameter.name());
      tensors.add(new MappedTensor(mapping, flat.slice(parameter.offset(), parameter.offset() + parameter.length()), parameter.shape()));
    }
    if (mapped.size() != byName.size()) {
      byName.keySet().removeAll(mapped);
      throw new IllegalStateException("No tensor maps to " + byName.keySet());
    }
    return new ModelTensors(config, tensors);
  }

  /** All tensors, with their names in the files of a model with a head. */
  public List<? extends TensorContent> all() {
    return tensors;
  }

  /** How files may name them. */
  public TensorNaming naming() {
    return new TensorNaming(config.prefix(), config.tolerated());
  }
}
