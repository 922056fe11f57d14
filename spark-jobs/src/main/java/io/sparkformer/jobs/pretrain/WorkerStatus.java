package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.trace.Phase;
import java.nio.ByteBuffer;

/**
 * What a worker tells all others after every step.
 *
 * @param wantsToStop whether the run shall end
 * @param checkpointWritten whether this worker's part of the checkpoint under way is written
 * @param nanos how long it was in each phase since it last told, by the phases' ordinals
 */
record WorkerStatus(boolean wantsToStop, boolean checkpointWritten, long[] nanos) {
  byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(2 + nanos.length * Long.BYTES);
    bytes.put((byte) (wantsToStop ? 1 : 0)).put((byte) (checkpointWritten ? 1 : 0));
    bytes.asLongBuffer().put(nanos);
    return bytes.array();
  }

  static WorkerStatus of(byte[] message) {
    ByteBuffer bytes = ByteBuffer.wrap(message);
    boolean stop = bytes.get() != 0;
    boolean written = bytes.get() != 0;
    long[] nanos = new long[Phase.values().length];
    bytes.asLongBuffer().get(nanos);
    return new WorkerStatus(stop, written, nanos);
  }
}
