package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_NOT_READY;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventQuery;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD8Async;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cuStreamWaitEvent;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;

/** A stream: work that the device does in the order in which it is put here, while the host goes on. Addresses and sizes are in bytes. */
public final class Queue implements AutoCloseable {
  private final Device device;
  private final CUstream_st stream = new CUstream_st();
  /** What was put here last: an error that comes late is of this or of something before it. */
  private String last = "nothing";

  public Queue(Device device) {
    this.device = device;
    device.makeCurrent();
    Status.check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), () -> "cuStreamCreate on " + device);
  }

  public Device device() {
    return device;
  }

  /** For calls of libraries that put work here. */
  public CUstream_st stream() {
    device.makeCurrent();
    return stream;
  }

  void put(String what) {
    last = what;
  }

  /** Copies from the host. Memory that is not page-locked may be changed when this returns; other memory must stay as it is. */
  public void upload(Pointer from, long to, long bytes) {
    if (bytes > 0) {
      device.makeCurrent();
      last = "a copy to the device";
      Status.check(cuMemcpyHtoDAsync(to, from, bytes, stream), () -> "A copy of %d bytes to %s".formatted(bytes, device));
    }
  }

  /** Copies to the host: done, if the host's memory is not page-locked, when this returns; otherwise after {@link #synchronize}. */
  public void download(long from, Pointer to, long bytes) {
    if (bytes > 0) {
      device.makeCurrent();
      Status.check(cuMemcpyDtoHAsync(to, from, bytes, stream),
          () -> "A copy of %d bytes from %s, or what was put in its queue before (last: %s),".formatted(bytes, device, last));
    }
  }

  /** Copies on the device; the ranges must not overlap. */
  public void copy(long from, long to, long bytes) {
    if (bytes > 0) {
      device.makeCurrent();
      last = "a copy on the device";
      Status.check(cuMemcpyDtoDAsync(to, from, bytes, stream), () -> "A copy of %d bytes on %s".formatted(bytes, device));
    }
  }

  /** Sets every byte. */
  public void fill(long address, byte value, long bytes) {
    if (bytes > 0) {
      device.makeCurrent();
      last = "a fill";
      Status.check(cuMemsetD8Async(address, value, bytes, stream), () -> "Filling %d bytes on %s".formatted(bytes, device));
    }
  }

  /** Waits until all is done. */
  public void synchronize() {
    device.makeCurrent();
    Status.check(cuStreamSynchronize(stream), () -> "Something in the queue of %s (last: %s)".formatted(device, last));
  }

  /** A point in this queue: all that was put here before it. */
  public Event record() {
    Event event = new Event(device);
    Status.check(cuEventRecord(event.event, stream), () -> "cuEventRecord on " + device);
    return event;
  }

  /** Work put here from now on begins when another queue has come to a point. */
  public void waitFor(Event event) {
    device.makeCurrent();
    Status.check(cuStreamWaitEvent(stream, event.event, 0), () -> "cuStreamWaitEvent on " + device);
  }

  @Override
  public void close() {
    device.makeCurrent();
    Status.check(cuStreamDestroy(stream), () -> "cuStreamDestroy on " + device);
  }

  /** A point in a queue. */
  public static final class Event implements AutoCloseable {
    private final Device device;
    private final CUevent_st event = new CUevent_st();

    private Event(Device device) {
      this.device = device;
      device.makeCurrent();
      Status.check(cuEventCreate(event, CU_EVENT_DISABLE_TIMING), () -> "cuEventCreate on " + device);
    }

    /** Whether the queue has come here. */
    public boolean isReached() {
      device.makeCurrent();
      int status = cuEventQuery(event);
      if (status != CUDA_ERROR_NOT_READY) {
        Status.check(status, () -> "Something in a queue of " + device);
      }
      return status == 0;
    }

    /** Makes the host wait until the queue has come here. */
    public void synchronize() {
      device.makeCurrent();
      Status.check(cuEventSynchronize(event), () -> "Something in a queue of " + device);
    }

    @Override
    public void close() {
      device.makeCurrent();
      Status.check(cuEventDestroy(event), () -> "cuEventDestroy on " + device);
    }
  }
}
