package io.sparkformer.jobs.trace;

import io.sparkformer.jobs.transport.Contributions;
import io.sparkformer.jobs.transport.FlatArrays;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.memory.FlatRange;
import java.util.List;

/** A transport that enters the phases of sending and of waiting in a clock. */
public final class TimedTransport implements Transport {
  private final Transport transport;
  private final PhaseClock clock;

  public TimedTransport(Transport transport, PhaseClock clock) {
    this.transport = transport;
    this.clock = clock;
  }

  @Override
  public int rank() {
    return transport.rank();
  }

  @Override
  public int workers() {
    return transport.workers();
  }

  @Override
  public WirePrecision precision() {
    return transport.precision();
  }

  @Override
  public void bind(FlatArrays arrays) {
    transport.bind(arrays);
  }

  @Override
  public void push(long step, FlatRange range) {
    PhaseClock.Outer outer = clock.enter(Phase.PUSH, "gradient");
    transport.push(step, range);
    clock.back(outer);
  }

  @Override
  public Contributions collect(long step) {
    PhaseClock.Outer outer = clock.enter(Phase.WAIT, "gradients");
    Contributions contributions = transport.collect(step);
    clock.back(outer);
    return contributions;
  }

  @Override
  public void awaitPushed(long step) {
    PhaseClock.Outer outer = clock.enter(Phase.WAIT, "gradient to leave");
    transport.awaitPushed(step);
    clock.back(outer);
  }

  @Override
  public void publish(long step, FlatRange range) {
    PhaseClock.Outer outer = clock.enter(Phase.PUSH, "parameters");
    transport.publish(step, range);
    clock.back(outer);
  }

  @Override
  public void pull(long step, FlatRange range) {
    PhaseClock.Outer outer = clock.enter(Phase.WAIT, "parameters");
    transport.pull(step, range);
    clock.back(outer);
  }

  @Override
  public List<byte[]> exchange(long step, String what, byte[] message) {
    PhaseClock.Outer outer = clock.enter(Phase.WAIT, what);
    List<byte[]> messages = transport.exchange(step, what, message);
    clock.back(outer);
    return messages;
  }

  @Override
  public void abort(Throwable cause) {
    transport.abort(cause);
  }

  @Override
  public void close() {
    transport.close();
  }
}
