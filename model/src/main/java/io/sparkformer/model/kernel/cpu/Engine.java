package io.sparkformer.model.kernel.cpu;

import java.util.Arrays;

/** What the kernels of one graph share: threads, the precision of products, and memory. One kernel runs at a time. */
final class Engine {
  private final Team team;
  private final Arithmetic arithmetic;
  private final HostMemory memory = new HostMemory();

  Engine(int threads, Arithmetic arithmetic) {
    this.team = new Team(threads);
    this.arithmetic = arithmetic;
  }

  Team team() {
    return team;
  }

  Arithmetic arithmetic() {
    return arithmetic;
  }

  HostMemory memory() {
    return memory;
  }

  /** An operand of unspecified content in the graph's memory. */
  Operand operand(Role role, int rows, int columns) {
    return arithmetic.operand(memory, role, rows, columns);
  }

  /** An operand that is to hold these rows, in the graph's memory unless they are read where they are. */
  Operand operand(Role role, Matrix rows) {
    return arithmetic.operand(memory, role, rows);
  }

  /** Adds the gradients of those weights that are trained. */
  void addWeightGradients(Arithmetic.WeightGradient... gradients) {
    arithmetic.addWeightGradients(team,
        Arrays.stream(gradients).filter(gradient -> gradient.weights() != null).toArray(Arithmetic.WeightGradient[]::new));
  }
}
