package io.sparkformer.model.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How files may name the tensors of a network.
 *
 * @param prefix what names may lack; empty for nothing
 * @param tolerated regular expressions of names that files may hold beside the network's tensors
 */
public record TensorNaming(String prefix, List<String> tolerated) {
  /** The names as they are, and no others. */
  public static final TensorNaming EXACT = new TensorNaming("", List.of());

  /** A tensor's name among those of the files: with or without the prefix, and with old names of norms; null if it is not there. */
  String find(Set<String> names, String name) {
    List<String> candidates = new ArrayList<>(List.of(name));
    if (!prefix.isEmpty() && name.startsWith(prefix)) {
      candidates.add(name.substring(prefix.length()));
    }
    for (String candidate : List.copyOf(candidates)) {
      candidates.add(candidate.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"));
    }
    return candidates.stream().filter(names::contains).findFirst().orElse(null);
  }

  /** Takes away the names that files may hold beside the network's. */
  void removeTolerated(Set<String> names) {
    List<Pattern> patterns = tolerated.stream().map(Pattern::compile).toList();
    names.removeIf(name -> patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches()));
  }
}
