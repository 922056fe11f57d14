package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.util.ArrayDeque;
import java.util.Deque;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Brings ranges of the gradient to the host by a queue of their own, while the device goes on with the backward pass. What is to be done
 * with a range on the host is done by the thread that puts work into the queues, when it sees that the range has come.
 */
public final class GradientTransfers {
  private final DeviceWeights weights;
  private final Queue computing;
  private final Queue copying;
  private final Deque<Transfer> underWay = new ArrayDeque<>();

  private record Transfer(Queue.Event arrived, Runnable then) {
    void finish() {
      arrived.close();
      then.run();
    }
  }

  /** @param computing makes the gradients */
  public GradientTransfers(DeviceWeights weights, Queue computing, Queue copying) {
    this.weights = weights;
    this.computing = computing;
    this.copying = copying;
  }

  /**
   * Begins to bring a range of the flat gradient.
   *
   * @param gradient final: nothing is added to it before {@link #finish}
   * @param then is done when it is there, in {@link #finish} at the latest; in the order of the calls
   */
  public void begin(INDArray gradient, Runnable then) {
    copy(weights.flatGradients(), Place.of(gradient));
    underWay.add(new Transfer(copying.record(), then));
    while (!underWay.isEmpty() && underWay.peek().arrived().isReached()) {
      underWay.poll().finish();
    }
  }

  /** Waits for all that was begun. */
  public void finish() {
    while (!underWay.isEmpty()) {
      underWay.peek().arrived().synchronize();
      underWay.poll().finish();
    }
  }

  /** Brings a range of the gradient, or what is updated on the device of a range of the parameters; waits. */
  public void deliver(INDArray host) {
    weights.deliverLoose(host);
    Place range = Place.of(host);
    if (isOf(weights.flatGradients(), range)) {
      copy(weights.flatGradients(), range);
      copying.synchronize();
    } else if (isOf(weights.flatParameters(), range)) {
      copy(weights.flatParameters(), range.within(weights.updatedHere()));
      copying.synchronize();
    }
  }

  private static boolean isOf(Mirror flat, Place range) {
    return flat != null && flat.place().contains(range);
  }

  private void copy(Mirror flat, Place range) {
    try (Queue.Event made = computing.record()) {
      copying.waitFor(made);
    }
    flat.download(copying, range);
  }
}
