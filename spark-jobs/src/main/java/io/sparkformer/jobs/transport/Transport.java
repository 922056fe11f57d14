package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One worker's connection to the other workers of a run. Used by the worker's own thread, except for {@link #abort}, which any thread may
 * call. Every method but {@code rank}, {@code workers} and {@code bind} throws {@link TransportException} when another worker has failed
 * or left; those that wait also when the deadline passes.
 */
public interface Transport extends AutoCloseable {

  /** This worker's number, from 0. */
  int rank();

  /** How many workers there are. */
  int workers();

  /** The format in which elements are sent; float32 for a lone worker, which sends none. */
  WirePrecision precision();

  /**
   * Sets the memory that is sent and received: once, before the first {@link #push}, the same slices at every worker. Does not wait for the
   * others.
   *
   * @throws IllegalStateException when memory is bound already
   */
  void bind(FlatArrays arrays);

  /**
   * Sends a range of the bound gradient to its owners, without waiting; the part that this worker owns stays. In one step every element is
   * pushed once, in any number of ranges and any order. The values must not change before {@link #awaitPushed}; the transport rounds them
   * to its precision, wherever their owner is, and leaves the values that it sent undefined.
   */
  void push(long step, FlatRange range);

  /** Waits for what all other workers push for the slice that this worker owns; its own contribution is its own gradient. */
  Contributions collect(long step);

  /** Waits until no other worker needs the memory that this worker pushed for a step. */
  void awaitPushed(long step);

  /**
   * Sends a range of updated parameters to all other workers, without waiting. In one step every element of the own slice is published
   * once, in any number of ranges, or none is. With bfloat16 the others add the bound {@link RoundedChanges} to their parameters, which
   * must be equal to this worker's parameters before the update.
   *
   * @param range within this worker's slice; its values, and their changes, must not change before the other workers have pushed for
   *     the next step
   */
  void publish(long step, FlatRange range);

  /** Waits until a range of the bound parameters holds what its owners published for a step; at this worker's own part it does. */
  void pull(long step, FlatRange range);

  /**
   * Sends a short message to every worker and waits for their messages.
   *
   * @param what names the exchange; unique within a step, the same at all workers
   * @return the messages of all workers, this one's included, in rank order
   */
  List<byte[]> exchange(long step, String what, byte[] message);

  /** Tells all other workers that this one failed: their waits, now and later, end at once and name {@code cause}. */
  void abort(Throwable cause);

  /** Leaves the run; what was sent still arrives. Workers that wait for this one fail at once. */
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
