package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemHostRegister;
import static org.bytedeco.cuda.global.cudart.cuMemHostUnregister;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory of a device. What is given back is kept for the next that asks for as much: asking the driver takes long and makes the device
 * wait. Whoever gives memory back while work of a queue still uses it must take it again for work of the same queue.
 */
public final class DeviceHeap implements AutoCloseable {
  private static final long ALIGNMENT_BYTES = 512;

  private final Device device;
  private final Map<Long, Long> taken = new HashMap<>();
  /** By size, what was given back. */
  private final TreeMap<Long, Deque<Long>> free = new TreeMap<>();
  private long usedBytes;
  private long peakBytes;
  private long reservedBytes;
  /** What keeps memory of the host alive, by that memory. */
  private final Map<Pointer, Object> locked = new HashMap<>();
  private boolean closed;

  public DeviceHeap(Device device) {
    this.device = device;
  }

  /** @return an address, aligned to 256 bytes at least; the content is unspecified */
  public synchronized long take(long bytes) {
    long size = Math.max(1, (bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    // A larger one serves if at most a quarter of it is wasted.
    Map.Entry<Long, Deque<Long>> kept = free.ceilingEntry(size);
    long address;
    if (kept != null && kept.getKey() <= size + size / 4) {
      size = kept.getKey();
      address = kept.getValue().pop();
      if (kept.getValue().isEmpty()) {
        free.remove(size);
      }
    } else {
      address = allocate(size);
    }
    taken.put(address, size);
    usedBytes += size;
    peakBytes = Math.max(peakBytes, usedBytes);
    return address;
  }

  private long allocate(long size) {
    device.makeCurrent();
    long[] address = new long[1];
    if (cuMemAlloc(address, size) != 0) {
      // What is kept may be of the wrong sizes.
      releaseKept();
      Status.check(cuMemAlloc(address, size), () -> "Taking %d bytes of %s, which has %d and of which this process uses %d,"
          .formatted(size, device, device.memoryBytes(), usedBytes));
    }
    reservedBytes += size;
    return address[0];
  }

  /** Takes memory back; after {@link #close} nothing happens. */
  public synchronized void give(long address) {
    if (closed) {
      return;
    }
    Long size = taken.remove(address);
    if (size == null) {
      throw new IllegalArgumentException("Address %x was not taken from this heap".formatted(address));
    }
    usedBytes -= size;
    free.computeIfAbsent(size, unused -> new ArrayDeque<>()).push(address);
  }

  /**
   * Page-locks memory of the host until this heap is closed: copies from there and to there go on by themselves.
   *
   * @param owner whose memory it is: kept as long
   */
  public synchronized void lockPages(Object owner, Pointer memory, long bytes) {
    if (bytes > 0 && !locked.containsKey(memory)) {
      device.makeCurrent();
      Status.check(cuMemHostRegister(memory, bytes, 0), () -> "Page-locking %d bytes of the host for %s".formatted(bytes, device));
      locked.put(memory, owner);
    }
  }

  /** Gives what nobody uses back to the driver. */
  public synchronized void releaseKept() {
    device.makeCurrent();
    free.forEach((size, addresses) -> addresses.forEach(address -> {
      Status.check(cuMemFree(address), () -> "cuMemFree on " + device);
      reservedBytes -= size;
    }));
    free.clear();
  }

  /** Bytes that are taken at present. */
  public synchronized long usedBytes() {
    return usedBytes;
  }

  /** The most bytes that were taken at one time. */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /** Bytes that this process has of the device, used or kept. */
  public synchronized long reservedBytes() {
    return reservedBytes;
  }

  /** Gives everything back to the driver, what is still taken too. */
  @Override
  public synchronized void close() {
    device.makeCurrent();
    taken.forEach((address, size) -> free.computeIfAbsent(size, unused -> new ArrayDeque<>()).push(address));
    taken.clear();
    usedBytes = 0;
    closed = true;
    locked.keySet().forEach(memory -> Status.check(cuMemHostUnregister(memory), () -> "cuMemHostUnregister for " + device));
    locked.clear();
    releaseKept();
  }
}
