package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Pages;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What the kernels of one graph share: threads, the precision of products, and memory. One kernel runs at a time. */
public final class Engine {
  private final Team team;
  private final Arithmetic arithmetic;
  private final HostMemory memory = new HostMemory();
  private final Map<Integer, Pages> pages = new HashMap<>();

  /** @param threads how many threads a kernel may use, the caller's included */
  public Engine(int threads, Arithmetic arithmetic) {
    this.team = new Team(threads);
    this.arithmetic = arithmetic;
  }

  /** Runs the loops of the kernels. */
  public Team team() {
    return team;
  }

  /** Makes the products of linear layers. */
  public Arithmetic arithmetic() {
    return arithmetic;
  }

  /** The stack of the graph's passes. */
  public HostMemory memory() {
    return memory;
  }

  /** The pages of so many floats that all caches of the graph share. */
  public Pages pages(int floats) {
    return pages.computeIfAbsent(floats, Pages::new);
  }

  /** An operand of unspecified content in the graph's memory. */
  public Operand operand(Role role, int rows, int columns) {
    return arithmetic.operand(memory, role, rows, columns);
  }

  /** An operand that is to hold these rows, in the graph's memory unless they are read where they are. */
  public Operand operand(Role role, Matrix rows) {
    return arithmetic.operand(memory, role, rows);
  }

  /** Adds the gradients of those weights that are trained. */
  public void addWeightGradients(Arithmetic.WeightGradient... gradients) {
    arithmetic.addWeightGradients(team,
        Arrays.stream(gradients).filter(gradient -> gradient.weights() != null).toArray(Arithmetic.WeightGradient[]::new));
  }
}
