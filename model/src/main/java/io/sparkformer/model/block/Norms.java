package io.sparkformer.model.block;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.NormWeights;
import java.util.List;

/** The parameters of norms. */
final class Norms {
  private Norms() {}

  static List<Parameter> parameters(String name, NormConfig norm, int width) {
    Parameter gain = Drawing.ones(name + ".weight", width);
    return norm.hasBias() ? List.of(gain, Drawing.zeros(name + ".bias", width)) : List.of(gain);
  }

  static NormWeights weights(String name, NormConfig norm, Weights weights) {
    return new NormWeights(weights.weight(name + ".weight"), weights.weightIf(norm.hasBias(), name + ".bias"));
  }
}
