package io.sparkformer.model.block;

import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Space;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The kernels of a layer in the order in which they run. Values are numbered: 0 is the layer's input, 1 the encoder's output, every step
 * adds one.
 */
record Tape(List<Step> steps) {
  static final int INPUT = 0;
  static final int MEMORY = 1;
  private static final int FIRST_RESULT = 2;

  /** Numbers of a step's input values, in the order in which its backward pass returns their gradients. */
  interface Step {
    int[] inputs();

    Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space);

    /** {@link Node#extend}. */
    default INDArray extend(INDArray[] values, Inputs inputs, DecodingState state, Space space) {
      return forward(values, inputs, Pass.INFERENCE, space).output();
    }
  }

  /** How many values there are. */
  int values() {
    return FIRST_RESULT + steps.size();
  }

  /** Number of the value that a step makes. */
  static int result(int step) {
    return FIRST_RESULT + step;
  }

  /** @param name of its cache */
  record SelfAttention(String name, AttentionKernel kernel, int x) implements Step {
    @Override
    public int[] inputs() {
      return new int[] {x};
    }

    @Override
    public Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space) {
      return kernel.forward(values[x], inputs.segments(), values[x], inputs.segments(), pass, space);
    }

    @Override
    public INDArray extend(INDArray[] values, Inputs inputs, DecodingState state, Space space) {
      return kernel.extend(values[x], inputs.segments(), state.cache(name), space);
    }
  }

  /** @param name of its cache */
  record CrossAttention(String name, AttentionKernel kernel, int x) implements Step {
    @Override
    public int[] inputs() {
      return new int[] {x, MEMORY};
    }

    @Override
    public Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space) {
      return kernel.forward(values[x], inputs.segments(), values[MEMORY], inputs.otherSegments(), pass, space);
    }

    @Override
    public INDArray extend(INDArray[] values, Inputs inputs, DecodingState state, Space space) {
      state.looks(name, values[x], inputs.segments());
      return kernel.look(values[x], inputs.segments(), state.cache(name), space);
    }
  }

  record FeedForward(FeedForwardKernel kernel, int x) implements Step {
    @Override
    public int[] inputs() {
      return new int[] {x};
    }

    @Override
    public Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space) {
      return kernel.forward(values[x], inputs.segments().firstToken(), pass, space);
    }
  }

  record Norm(NormKernel kernel, int x) implements Step {
    @Override
    public int[] inputs() {
      return new int[] {x};
    }

    @Override
    public Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space) {
      return kernel.forward(values[x], inputs.segments().firstToken(), pass, space);
    }
  }

  record Residual(ResidualKernel kernel, int x, int residual) implements Step {
    @Override
    public int[] inputs() {
      return new int[] {x, residual};
    }

    @Override
    public Forward forward(INDArray[] values, Inputs inputs, Pass pass, Space space) {
      return kernel.forward(values[x], values[residual], inputs.segments().firstToken(), pass, space);
    }
  }

  /** Takes steps in order; each method returns the number of the value that the step makes. */
  static final class Builder {
    private final List<Step> steps = new ArrayList<>();

    int selfAttention(String name, AttentionKernel kernel, int x) {
      return add(new SelfAttention(name, kernel, x));
    }

    int crossAttention(String name, AttentionKernel kernel, int x) {
      return add(new CrossAttention(name, kernel, x));
    }

    int feedForward(FeedForwardKernel kernel, int x) {
      return add(new FeedForward(kernel, x));
    }

    int norm(NormKernel kernel, int x) {
      return add(new Norm(kernel, x));
    }

    int residual(ResidualKernel kernel, int x, int residual) {
      return add(new Residual(kernel, x, residual));
    }

    private int add(Step step) {
      steps.add(step);
      return result(steps.size() - 1);
    }

    Tape build() {
      return new Tape(List.copyOf(steps));
    }
  }
}
