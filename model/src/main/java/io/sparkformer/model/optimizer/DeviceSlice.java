package io.sparkformer.model.optimizer;

/**
 * A slice of the flat parameters, its gradient and its two moments in a device's memory, and the arithmetic of its updates there; the
 * results are those of {@link UpdateLoops}, bit for bit, but for the order of {@link #squares}. Elements count from the slice's beginning.
 *
 * <p>The device's arrays are the ones that count. The host's are copies: of parameters and moments when they were asked for, of the
 * gradient not at all.
 */
public interface DeviceSlice {
  /** Sum of the squares of the gradient, in double precision; waits for it. Not finite when an element is not. */
  double squares();

  /** The host's gradient of the slice is the sum over all workers: takes it. */
  void takeGradient();

  /** One update of the elements {@code [from, to)}, without waiting. */
  void adam(long from, long to, AdamFactors factors);

  /** Brings the parameters {@code [from, to)} to the host, and waits until they are there. */
  void deliverParameters(long from, long to);

  /** Brings parameters and moments to the host, and waits. */
  void deliverState();

  /** Takes parameters and moments from the host: somebody wrote them there. */
  void takeState();
}
