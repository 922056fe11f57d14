package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.IntPointer;

/**
 * Integers on a device that kernels look up: rows, places, where sequences begin. All layers of a pass read the same ones, which are
 * copied once: those that were asked for last stay.
 */
public final class DeviceNumbers {
  /** More than one launch reads, and more than one micro-batch of any network has. */
  private static final int KEPT = 64;

  private final DeviceHeap heap;
  private final Queue queue;
  private final Map<IntBuffer, Long> kept = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  public DeviceNumbers(DeviceHeap heap, Queue queue) {
    this.heap = heap;
    this.queue = queue;
  }

  /** The address of the values, for work that is put into the queue before {@value #KEPT} other arrays are asked for. */
  public long address(int[] values) {
    Long known = kept.get(IntBuffer.wrap(values));
    if (known != null) {
      return known;
    }
    if (kept.size() == KEPT) {
      var eldest = kept.entrySet().iterator();
      heap.give(eldest.next().getValue());
      eldest.remove();
    }
    long bytes = (long) Integer.BYTES * values.length;
    long address = heap.take(bytes);
    try (IntPointer host = new IntPointer(values)) {
      queue.upload(host, address, bytes);
    }
    kept.put(IntBuffer.wrap(values.clone()), address);
    return address;
  }
}
