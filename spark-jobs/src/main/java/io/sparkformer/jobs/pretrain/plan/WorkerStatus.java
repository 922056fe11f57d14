package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.jobs.trace.Phase;
import java.nio.ByteBuffer;

/**
 * What a worker sends to all others after every step, or with local steps after every averaging.
 *
 * @param timeUp whether the run's time is up
 * @param wantsToStop whether the run was asked to stop
 * @param checkpointWritten whether this worker has written its part of the pending checkpoint
 * @param joules joules that this worker's machine took since its last status; 0 where another worker reports them, NaN if unknown
 * @param nanos nanoseconds spent in each phase since its last status, by the phases' ordinals
 */
public record WorkerStatus(boolean timeUp, boolean wantsToStop, boolean checkpointWritten, double joules, long[] nanos) {
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(3 + Double.BYTES + nanos.length * Long.BYTES);
    bytes.put((byte) (timeUp ? 1 : 0)).put((byte) (wantsToStop ? 1 : 0)).put((byte) (checkpointWritten ? 1 : 0)).putDouble(joules);
    bytes.asLongBuffer().put(nanos);
    return bytes.array();
  }

  public static WorkerStatus of(byte[] message) {
    ByteBuffer bytes = ByteBuffer.wrap(message);
    boolean timeUp = bytes.get() != 0;
    boolean stop = bytes.get() != 0;
    boolean written = bytes.get() != 0;
    double joules = bytes.getDouble();
    long[] nanos = new long[Phase.values().length];
    bytes.asLongBuffer().get(nanos);
    return new WorkerStatus(timeUp, stop, written, joules, nanos);
  }
}
