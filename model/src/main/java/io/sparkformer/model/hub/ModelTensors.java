package io.sparkformer.model.hub;

import io.sparkformer.model.architecture.Architecture;
import io.sparkformer.model.architecture.Architectures;
import io.sparkformer.model.architecture.ConfigJson;
import io.sparkformer.model.architecture.TensorMapping;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The parameters of a network as the tensors of its family's files; they share the flat array's memory. */
public final class ModelTensors {
  /** How many names of a kind an error lists. */
  private static final int LISTED = 20;

  private final Architecture architecture;
  private final List<MappedTensor> tensors;

  private ModelTensors(Architecture architecture, List<MappedTensor> tensors) {
    this.architecture = architecture;
    this.tensors = tensors;
  }

  /**
   * @param config the family's description of the network
   * @param parameters where each parameter lies
   * @param flat the flat parameters, or other memory that is laid out as they are
   */
  public static ModelTensors of(ConfigJson config, NetworkConfig network, List<NamedParameter> parameters, FloatRegion flat) {
    Architecture architecture = Architectures.of(config);
    Map<String, NamedParameter> byName = new HashMap<>();
    parameters.forEach(parameter -> byName.put(parameter.name(), parameter));
    Set<String> mapped = new LinkedHashSet<>();
    List<MappedTensor> tensors = new ArrayList<>();
    for (TensorMapping mapping : architecture.tensors(network, config)) {
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
    return new ModelTensors(architecture, tensors);
  }

  /** All tensors, with their names in the files of a model with a head. */
  public List<? extends TensorContent> all() {
    return tensors;
  }

  /**
   * Fills the parameters.
   *
   * @throws IllegalArgumentException listing all tensors that are missing, have another shape, or have no place in the network
   */
  public void read(TensorFiles files) throws IOException {
    Map<MappedTensor, String> found = new HashMap<>();
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    Set<String> unused = new LinkedHashSet<>(files.names());
    for (MappedTensor tensor : tensors) {
      String name = nameIn(files.names(), tensor.name());
      if (name == null) {
        missing.add(tensor.name());
        continue;
      }
      unused.remove(name);
      List<Long> shape = files.fileOf(name).shape(name);
      if (shape.equals(tensor.shape())) {
        found.put(tensor, name);
      } else {
        misshapen.add("%s %s, needed %s".formatted(name, shape, tensor.shape()));
      }
    }
    List<Pattern> tolerated = architecture.tolerated().stream().map(Pattern::compile).toList();
    unused.removeIf(name -> tolerated.stream().anyMatch(pattern -> pattern.matcher(name).matches()));
    if (!missing.isEmpty() || !misshapen.isEmpty() || !unused.isEmpty()) {
      throw new IllegalArgumentException("%s does not hold the network of its config.json:%s%s%s".formatted(files.folder(),
          listed(" missing", missing), listed(" of another shape", misshapen), listed(" without a place in the network", unused)));
    }
    for (MappedTensor tensor : tensors) {
      files.fileOf(found.get(tensor)).read(found.get(tensor), tensor.name(), tensor);
    }
  }

  /** A tensor's name as these files have it: with or without the family's prefix, and with old names of norms; null if it is not there. */
  private String nameIn(Set<String> names, String name) {
    String prefix = architecture.prefix();
    List<String> candidates = new ArrayList<>(List.of(name));
    if (!prefix.isEmpty() && name.startsWith(prefix)) {
      candidates.add(name.substring(prefix.length()));
    }
    for (String candidate : List.copyOf(candidates)) {
      candidates.add(candidate.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"));
    }
    return candidates.stream().filter(names::contains).findFirst().orElse(null);
  }

  private static String listed(String kind, Iterable<String> names) {
    List<String> all = new ArrayList<>();
    names.forEach(all::add);
    if (all.isEmpty()) {
      return "";
    }
    String more = all.size() > LISTED ? " and %d more".formatted(all.size() - LISTED) : "";
    return kind + ": " + String.join(", ", all.subList(0, Math.min(LISTED, all.size()))) + more + ";";
  }
}
