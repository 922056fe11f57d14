package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs a layer. What lies between its kernels is in the graph's memory: from the forward pass to the backward pass or, if the layer is
 * computed again, from the second forward pass on.
 */
final class LayerNode implements Node {
  private final Kernels kernels;
  private final Memory memory;
  private final Tape tape;
  private final Recompute recompute;

  LayerNode(Kernels kernels, Tape tape, Recompute recompute) {
    this.kernels = kernels;
    this.memory = kernels.memory();
    this.tape = tape;
    this.recompute = recompute;
  }

  @Override
  public Forward forward(Inputs inputs, Pass pass, Space space) {
    if (pass.isTraining() && recompute == Recompute.NONE) {
      List<Backward> way = new ArrayList<>(tape.steps().size());
      INDArray output = run(inputs, pass, space, way);
      return new Forward(output, (gradient, target) -> back(inputs, way, gradient, target));
    }
    INDArray output = space.array(inputs.x().dataType(), inputs.x().shape());
    long mark = memory.mark();
    run(inputs, pass, (type, shape) -> output, new ArrayList<>(tape.steps().size()));
    memory.release(mark);
    return new Forward(output, pass.isTraining() ? (gradient, target) -> again(inputs, pass, gradient, target) : null);
  }

  /** Runs all steps; those on the way are put into the graph's memory, and {@code way} receives their backward passes. */
  private INDArray run(Inputs inputs, Pass pass, Space space, List<Backward> way) {
    INDArray[] values = values(inputs);
    int last = tape.steps().size() - 1;
    for (int i = 0; i <= last; i++) {
      Forward forward = tape.steps().get(i).forward(values, inputs, pass, i == last ? space : memory);
      way.add(forward.backward());
      values[Tape.result(i)] = forward.output();
    }
    return values[Tape.result(last)];
  }

  private INDArray[] values(Inputs inputs) {
    INDArray[] values = new INDArray[tape.values()];
    values[Tape.INPUT] = inputs.x();
    values[Tape.MEMORY] = inputs.other();
    return values;
  }

  /** The forward pass once more, and the backward pass. */
  private INDArray[] again(Inputs inputs, Pass pass, INDArray outputGradient, Space space) {
    long mark = memory.mark();
    List<Backward> way = new ArrayList<>(tape.steps().size());
    run(inputs, pass, memory, way);
    INDArray[] gradients = back(inputs, way, outputGradient, space);
    memory.release(mark);
    return gradients;
  }

  private INDArray[] back(Inputs inputs, List<Backward> way, INDArray outputGradient, Space space) {
    INDArray ofX = space.array(outputGradient.dataType(), inputs.x().shape());
    long mark = memory.mark();
    INDArray[] gradients = new INDArray[tape.values()];
    gradients[Tape.result(way.size() - 1)] = outputGradient;
    for (int i = way.size() - 1; i > 0; i--) {
      INDArray[] ofInputs = way.get(i).run(gradients[Tape.result(i)], memory);
      int[] numbers = tape.steps().get(i).inputs();
      for (int j = 0; j < numbers.length; j++) {
        gradients[numbers[j]] = sum(gradients[numbers[j]], ofInputs[j]);
      }
    }
    // The first step reads the layer's input and nothing else: its gradient goes to where that of the input belongs.
    way.get(0).run(gradients[Tape.result(0)], (type, shape) -> ofX);
    if (gradients[Tape.INPUT] != null) {
      kernels.add(ofX, gradients[Tape.INPUT]);
    }
    INDArray[] result = inputs.other() == null ? new INDArray[] {ofX} : new INDArray[] {ofX, copy(gradients[Tape.MEMORY], space)};
    memory.release(mark);
    return result;
  }

  private INDArray sum(INDArray present, INDArray more) {
    if (present == null) {
      return more;
    }
    kernels.add(present, more);
    return present;
  }

  private INDArray copy(INDArray gradient, Space space) {
    INDArray copy = space.array(gradient.dataType(), gradient.shape());
    kernels.copy(copy, gradient);
    return copy;
  }

  @Override
  public INDArray extend(Inputs inputs, DecodingState state, Space space) {
    INDArray output = space.array(inputs.x().dataType(), inputs.x().shape());
    long mark = memory.mark();
    INDArray[] values = values(inputs);
    int last = tape.steps().size() - 1;
    for (int i = 0; i <= last; i++) {
      values[Tape.result(i)] = tape.steps().get(i).extend(values, inputs, state, i == last ? (type, shape) -> output : memory);
    }
    memory.release(mark);
    return output;
  }

  @Override
  public void open(DecodingState state, INDArray encoded, Segments encodedSegments) {
    for (Tape.Step step : tape.steps()) {
      if (step instanceof Tape.SelfAttention attention) {
        state.put(attention.name(), attention.kernel().emptyCache(state.rows()));
      } else if (step instanceof Tape.CrossAttention attention) {
        state.put(attention.name(), attention.kernel().cacheOf(encoded, encodedSegments));
      }
    }
  }
}
