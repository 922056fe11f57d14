package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One worker's connection to the other workers of a run. Used by the worker's own thread, except for {@link #abort}, which any thread may
 * call. Every method but {@code rank} and {@code workers} throws {@link TransportException} when another worker has failed or left; those
 * that wait also when the deadline passes.
 */
public interface Transport extends AutoCloseable {

  /** This worker's number, from 0. */
  int rank();

  /** How many workers there are. */
  int workers();

  /**
   * Gives a range of this worker's gradient to its owner, without waiting. The values must not change before {@link #awaitPushed}.
   *
   * @param owner rank of the receiver, not this one
   * @param range the place of the values in the flat array
   * @param values {@code [range]}
   */
  void push(long step, int owner, FlatRange range, FloatRegion values);

  /**
   * Waits for what all other workers push for a range that this worker owns.
   *
   * @param own this worker's own values, {@code [range]}
   */
  Contributions collect(long step, FlatRange range, FloatRegion own);

  /** Waits until everything that this worker pushed for a step is no longer needed. */
  void awaitPushed(long step);

  /**
   * Offers a range of updated parameters to all other workers, without waiting.
   *
   * @param values {@code [range]}; must not change before the other workers have pushed for the next step
   */
  void publish(long step, FlatRange range, FloatRegion values);

  /**
   * Waits for a range of updated parameters and stores it.
   *
   * @param owner rank of the publisher, not this one
   * @param into {@code [range]}
   */
  void pull(long step, int owner, FlatRange range, FloatRegion into);

  /**
   * Gives a short message to every worker and waits for theirs.
   *
   * @param what names the exchange; unique within a step, the same at all workers
   * @return the messages of all workers, this one's included, in rank order
   */
  List<byte[]> exchange(long step, String what, byte[] message);

  /** Tells all other workers that this one failed: their waits, now and later, end at once and name {@code cause}. */
  void abort(Throwable cause);

  /** Leaves the run. Whoever still waits for this worker fails at once. */
  @Override
  void close();

  /**
   * Adds numbers over all workers: in rank order, so that every worker gets the same bits.
   *
   * @return as many sums as there are {@code values}
   */
  default double[] sum(long step, String what, double... values) {
    ByteBuffer mine = ByteBuffer.allocate(values.length * Double.BYTES);
    mine.asDoubleBuffer().put(values);
    double[] sums = new double[values.length];
    for (byte[] message : exchange(step, what, mine.array())) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += ByteBuffer.wrap(message).getDouble(i * Double.BYTES);
      }
    }
    return sums;
  }

  /**
   * Tells every worker what the first rank decided, a stop for instance.
   *
   * @param decision counts at rank 0 only
   * @return the decision of rank 0
   */
  default byte[] decide(long step, String what, byte[] decision) {
    return exchange(step, what, rank() == 0 ? decision : new byte[0]).get(0);
  }
}
