package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import org.bytedeco.javacpp.BytePointer;

/** The arrays of a slice of the flat parameters, whose updates are made on the device. */
public final class SliceArrays {
  private final DeviceWeights weights;
  private final Queue queue;
  private final FloatRegion firstMoment;
  private final FloatRegion secondMoment;
  private final Place parameters;
  private final Place gradient;
  private final long first;
  private final long second;

  /**
   * Takes the values that the host has.
   *
   * @param firstMoment {@code [slice]}, of the host
   * @param secondMoment {@code [slice]}, of the host
   */
  public SliceArrays(DeviceWeights weights, DeviceHeap heap, Queue queue, FlatRange slice, FloatRegion firstMoment,
      FloatRegion secondMoment) {
    this.weights = weights;
    this.queue = queue;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.parameters = weights.flatParameters().place().part(slice.from(), slice.to());
    this.gradient = weights.flatGradients().place().part(slice.from(), slice.to());
    this.first = heap.take(parameters.bytes());
    this.second = heap.take(parameters.bytes());
    weights.updatesAreMadeHere(parameters);
    takeState();
  }

  public long length() {
    return parameters.length();
  }

  /** On the device, of the element with this number. */
  public long parameters(long element) {
    return weights.flatParameters().addressOf(parameters) + Float.BYTES * element;
  }

  public long gradient(long element) {
    return weights.flatGradients().addressOf(gradient) + Float.BYTES * element;
  }

  public long firstMoment(long element) {
    return first + Float.BYTES * element;
  }

  public long secondMoment(long element) {
    return second + Float.BYTES * element;
  }

  public void takeGradient() {
    weights.flatGradients().upload(queue, gradient);
  }

  /** What was derived from the parameters' values is old. */
  public void parametersChanged() {
    weights.changedHere();
  }

  public void deliverParameters(long from, long to) {
    weights.flatParameters().download(queue, parameters.part(from, to));
    queue.synchronize();
  }

  /** The host's moments are not page-locked: their copies are made when this returns. */
  public void deliverMoments() {
    copy(firstMoment, first, Direction.TO_HOST);
    copy(secondMoment, second, Direction.TO_HOST);
  }

  /** Takes parameters and moments from the host. */
  public void takeState() {
    weights.flatParameters().upload(queue, parameters);
    copy(firstMoment, first, Direction.TO_DEVICE);
    copy(secondMoment, second, Direction.TO_DEVICE);
    // The host may change its values again.
    queue.synchronize();
    parametersChanged();
  }

  private enum Direction {
    TO_HOST, TO_DEVICE
  }

  private void copy(FloatRegion host, long device, Direction direction) {
    long done = 0;
    for (var buffer : host.buffers()) {
      try (BytePointer memory = new BytePointer(buffer)) {
        if (direction == Direction.TO_HOST) {
          queue.download(device + done, memory, buffer.remaining());
        } else {
          queue.upload(memory, device + done, buffer.remaining());
        }
      }
      done += buffer.remaining();
    }
  }
}
