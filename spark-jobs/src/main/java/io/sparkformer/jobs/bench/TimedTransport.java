package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.jobs.transport.FlatArrays;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.memory.FlatRange;
import java.util.List;
import java.util.function.Supplier;

/** A transport that counts the time its worker spends in it: handing over, copying, and waiting for others. */
final class TimedTransport implements Transport {
  private final Transport timed;
  private long nanos;

  TimedTransport(Transport timed) {
    this.timed = timed;
  }

  /** Time since the last call of this method, in nanoseconds. */
  long nanosSinceLast() {
    long result = nanos;
    nanos = 0;
    return result;
  }

  private <T> T time(Supplier<T> action) {
    long start = System.nanoTime();
    try {
      return action.get();
    } finally {
      nanos += System.nanoTime() - start;
    }
  }

  private void timeRun(Runnable action) {
    time(() -> {
      action.run();
      return null;
    });
  }

  @Override
  public int rank() {
    return timed.rank();
  }

  @Override
  public int workers() {
    return timed.workers();
  }

  @Override
  public WirePrecision precision() {
    return timed.precision();
  }

  @Override
  public void bind(FlatArrays arrays) {
    timed.bind(arrays);
  }

  @Override
  public void push(long step, FlatRange range) {
    timeRun(() -> timed.push(step, range));
  }

  @Override
  public Contributions collect(long step) {
    return time(() -> timed.collect(step));
  }

  @Override
  public void awaitPushed(long step) {
    timeRun(() -> timed.awaitPushed(step));
  }

  @Override
  public void publish(long step, FlatRange range) {
    timeRun(() -> timed.publish(step, range));
  }

  @Override
  public void pull(long step, FlatRange range) {
    timeRun(() -> timed.pull(step, range));
  }

  @Override
  public List<byte[]> exchange(long step, String what, byte[] message) {
    return time(() -> timed.exchange(step, what, message));
  }

  @Override
  public void abort(Throwable cause) {
    timed.abort(cause);
  }

  @Override
  public void close() {
    timed.close();
  }
}
