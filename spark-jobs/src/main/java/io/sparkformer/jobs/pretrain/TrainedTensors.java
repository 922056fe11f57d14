package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TrainableSettings;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.TensorMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The parameters of a network that a run does not train.
 *
 * @param frozen names of parameters
 * @param trained elements of the others
 * @param all elements of all
 */
record TrainedTensors(Set<String> frozen, long trained, long all) {

  /** @throws InvalidInputException when a pattern names nothing, nothing is left, or tensors that are one parameter do not agree */
  static TrainedTensors of(TrainableSettings settings, ModelConfig config) {
    List<TensorMapping> tensors = config.tensors();
    List<String> patterns = new ArrayList<>(settings.trainable());
    patterns.addAll(settings.frozen());
    for (String pattern : patterns) {
      if (tensors.stream().noneMatch(tensor -> TrainableSettings.matches(pattern, tensor.name()))) {
        throw new InvalidInputException("train.trainable and train.frozen: no tensor matches %s; the names are like %s, %s"
            .formatted(pattern, tensors.get(0).name(), tensors.get(tensors.size() - 1).name()));
      }
    }
    Map<String, TensorMapping> first = new LinkedHashMap<>();
    Set<String> frozen = new TreeSet<>();
    long trained = 0;
    long all = 0;
    for (TensorMapping tensor : tensors) {
      TensorMapping other = first.putIfAbsent(tensor.parameter(), tensor);
      boolean trains = settings.trains(tensor.name());
      if (other != null && settings.trains(other.name()) != trains) {
        throw new InvalidInputException("train.trainable and train.frozen: %s and %s are one matrix here, and are trained together or "
            .formatted(other.name(), tensor.name()) + "not at all; let the patterns match both or neither");
      }
      long length = tensor.shape().stream().reduce(1L, Math::multiplyExact);
      all += length;
      if (trains) {
        trained += length;
      } else {
        frozen.add(tensor.parameter());
      }
    }
    if (trained == 0) {
      throw new InvalidInputException("train.trainable and train.frozen leave nothing to train");
    }
    return new TrainedTensors(frozen, trained, all);
  }
}
