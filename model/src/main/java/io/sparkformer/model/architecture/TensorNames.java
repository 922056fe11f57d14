package io.sparkformer.model.architecture;

import io.sparkformer.model.architecture.TensorMapping.Layout;
import io.sparkformer.model.config.AttentionConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Collects how the tensors of a family's files map to the parameters of a network. */
final class TensorNames {
  private final List<TensorMapping> mappings = new ArrayList<>();
  private final Layout layout;

  TensorNames() {
    this(Layout.AS_IS);
  }

  /** @param layout of all matrices but tables */
  TensorNames(Layout layout) {
    this.layout = layout;
  }

  List<TensorMapping> all() {
    return List.copyOf(mappings);
  }

  /** A vector. */
  void vector(String name, String parameter, long length) {
    mappings.add(new TensorMapping(name, List.of(length), parameter, null, Layout.AS_IS));
  }

  /** A table that is looked up, {@code [rows, columns]}. */
  void table(String name, String parameter, long rows, long columns) {
    mappings.add(new TensorMapping(name, List.of(rows, columns), parameter, null, Layout.AS_IS));
  }

  /** A tensor of any shape with the parameter's elements in their order. */
  void reshaped(String name, String parameter, Long... shape) {
    mappings.add(new TensorMapping(name, List.of(shape), parameter, null, Layout.AS_IS));
  }

  /** A whole matrix {@code [out, in]}. */
  void matrix(String name, String parameter, long out, long in) {
    rows(name, parameter, null, out, in);
  }

  /** Some rows of a matrix {@code [..., in]}, in this order. */
  void rows(String name, String parameter, int[] rows, long out, long in) {
    mappings.add(new TensorMapping(name, layout == Layout.AS_IS ? List.of(out, in) : List.of(in, out), parameter, rows, layout));
  }

  /** Some elements of a vector, in this order. */
  void elements(String name, String parameter, int[] elements) {
    mappings.add(new TensorMapping(name, List.of((long) elements.length), parameter, elements, Layout.AS_IS));
  }

  /** A norm's gain and, if it has one, bias. */
  void norm(String name, String parameter, boolean bias, long width) {
    vector(name + ".weight", parameter + ".weight", width);
    if (bias) {
      vector(name + ".bias", parameter + ".bias", width);
    }
  }

  /** A linear layer's matrix and, if it has one, bias. */
  void linear(String name, String parameter, boolean bias, long out, long in) {
    matrix(name + ".weight", parameter + ".weight", out, in);
    if (bias) {
      vector(name + ".bias", parameter + ".bias", out);
    }
  }

  /**
   * Query, key and value projections in tensors of their own, and the output projection.
   *
   * @param names of query, key, value and output
   * @param parameter of the attention, as in {@code encoder.layers.0.self_attn}
   */
  void splitAttention(List<String> names, String parameter, AttentionConfig attention, long width) {
    int[] bounds = {0, attention.queryWidth(), attention.queryWidth() + attention.keyValueWidth(), attention.inputWidth()};
    for (int i = 0; i < 3; i++) {
      int[] rows = range(bounds[i], bounds[i + 1]);
      rows(names.get(i) + ".weight", parameter + ".in_proj_weight", rows, rows.length, width);
      if (attention.biases().ofInputs()) {
        elements(names.get(i) + ".bias", parameter + ".in_proj_bias", rows);
      }
    }
    attentionOutput(names.get(3), parameter, attention, width);
  }

  /** Query, key and value projections in one tensor, their rows in an order of the family's; and the output projection. */
  void fusedAttention(String name, String output, String parameter, int[] rows, AttentionConfig attention, long width) {
    rows(name + ".weight", parameter + ".in_proj_weight", rows, attention.inputWidth(), width);
    if (attention.biases().ofInputs()) {
      elements(name + ".bias", parameter + ".in_proj_bias", rows == null ? range(0, attention.inputWidth()) : rows);
    }
    attentionOutput(output, parameter, attention, width);
  }

  private void attentionOutput(String name, String parameter, AttentionConfig attention, long width) {
    linear(name, parameter + ".out_proj", attention.biases().ofOutputs(), width, attention.queryWidth());
  }

  static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Ranges one after another. */
  static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }
}
