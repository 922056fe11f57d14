package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.jobs.trace.Phase;
import java.nio.ByteBuffer;

/**
 * What a worker tells all others after every step, or with local steps after every averaging.
 *
 * @param timeUp whether the run's time is up
 * @param wantsToStop whether the run shall be stopped
 * @param checkpointWritten whether this worker's part of the checkpoint under way is written
 * @param joules that this worker's machine took since it last told; 0 where another worker tells, NaN where nobody can
 * @param nanos how long it was in each phase since it last told, by the phases' ordinals
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
