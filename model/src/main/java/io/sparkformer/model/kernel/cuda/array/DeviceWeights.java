package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies of parameters and of their gradients on a device. A value is copied when it is read for the first time after
 * {@link #changed}. A gradient is summed up on the device, from zero, until {@link #deliver} adds it to the host's. Kernels that
 * share a parameter share its copies, which are freed when no kernel has them any more.
 */
public final class DeviceWeights {
  private static final Cleaner CLEANER = Cleaner.create();

  private final DeviceHeap heap;
  private final Queue queue;
  private final Map<Place, WeakReference<Value>> values = new HashMap<>();
  private final Map<Place, WeakReference<Gradient>> gradients = new HashMap<>();
  /** Gradients that something was added to since they were delivered. */
  private final Map<Place, Gradient> undelivered = new HashMap<>();
  /** Of the host's values: grows when they change. */
  private long generation;

  /** Where an array lies on the host. */
  private record Place(long address, long length) {
    static Place of(INDArray array) {
      return new Place(Host.address(array), array.length());
    }

    boolean contains(Place other) {
      return address <= other.address && other.address + Float.BYTES * other.length <= address + Float.BYTES * length;
    }
  }

  public DeviceWeights(DeviceHeap heap, Queue queue) {
    this.heap = heap;
    this.queue = queue;
  }

  /** The copies of a parameter; null of null. */
  public DeviceWeight of(Weight weight) {
    if (weight == null) {
      return null;
    }
    return new DeviceWeight(present(values, weight.value(), () -> new Value(weight.value())),
        weight.gradient() == null ? null : present(gradients, weight.gradient(), () -> new Gradient(weight.gradient())));
  }

  private static <T> T present(Map<Place, WeakReference<T>> of, INDArray host, Supplier<T> make) {
    of.values().removeIf(reference -> reference.get() == null);
    Place place = Place.of(host);
    WeakReference<T> known = of.get(place);
    T found = known == null ? null : known.get();
    if (found == null) {
      found = make.get();
      of.put(place, new WeakReference<>(found));
    }
    return found;
  }

  /** The host's values changed. */
  public void changed() {
    generation++;
  }

  /** Adds to the host's gradients, all within {@code gradient}, what was added to them on the device. */
  public void deliver(INDArray gradient) {
    Place range = Place.of(gradient);
    undelivered.entrySet().removeIf(entry -> {
      boolean within = range.contains(entry.getKey());
      if (within) {
        entry.getValue().deliver();
      }
      return within;
    });
  }

  /** Memory that lives as long as its owner. */
  private long takeFor(Object owner, long bytes) {
    long address = heap.take(bytes);
    DeviceHeap from = heap;
    CLEANER.register(owner, () -> from.give(address));
    return address;
  }

  /** A copy of a parameter's value. The host's array is kept, so that no other comes to lie in its place. */
  final class Value {
    private final INDArray host;
    private final long address;
    private long copied = -1;
    private long rounded;
    private long roundedFrom = -1;

    private Value(INDArray host) {
      this.host = host;
      this.address = takeFor(this, Float.BYTES * host.length());
    }

    INDArray host() {
      return host;
    }

    long address() {
      if (copied != generation) {
        queue.upload(Host.pointer(host), address, Float.BYTES * host.length());
        copied = generation;
      }
      return address;
    }

    long rounded(DeviceWeight.Rounding rounding) {
      if (roundedFrom != generation) {
        if (rounded == 0) {
          rounded = takeFor(this, Short.BYTES * host.length());
        }
        rounding.round(address(), rounded, host.length());
        roundedFrom = generation;
      }
      return rounded;
    }
  }

  /** What was added to a gradient since it was delivered. */
  final class Gradient {
    private final INDArray host;
    private final long address;

    private Gradient(INDArray host) {
      this.host = host;
      this.address = takeFor(this, Float.BYTES * host.length());
      queue.fill(address, (byte) 0, Float.BYTES * host.length());
    }

    long toAdd() {
      undelivered.put(Place.of(host), this);
      return address;
    }

    private void deliver() {
      FloatPointer to = Host.pointer(host);
      try (FloatPointer sum = new FloatPointer(host.length())) {
        queue.download(address, sum, Float.BYTES * host.length());
        for (long i = 0; i < host.length(); i++) {
          to.put(i, to.get(i) + sum.get(i));
        }
      }
      queue.fill(address, (byte) 0, Float.BYTES * host.length());
    }
  }
}
