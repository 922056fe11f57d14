package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies of parameters and of their gradients on a device. A value is copied there when it is read for the first time after
 * {@link #changed}. Gradients are added up on the device; {@link GradientTransfers} brings them to the host. Kernels that share a
 * parameter share its copies. Parameters that are part of the {@linkplain #bind flat arrays} lie in copies of those; any others have
 * memory of their own, which is freed when no kernel has them any more.
 */
public final class DeviceWeights {
  private static final Cleaner CLEANER = Cleaner.create();

  private final DeviceHeap heap;
  private final Queue queue;
  private final Map<Place, WeakReference<Value>> values = new HashMap<>();
  private final Map<Place, WeakReference<Gradient>> gradients = new HashMap<>();
  /** Gradients with memory of their own that something was added to since they were delivered: kept, whatever becomes of their kernels. */
  private final Set<Gradient> undelivered = new HashSet<>();
  private Mirror flatParameters;
  private Mirror flatGradients;
  /** A range of the parameters whose updates are made on the device: what is there is newer than what the host has. */
  private Place updatedHere = Place.NOWHERE;
  /** Of the host's values: grows when they change. */
  private long generation;
  /** Of all values: what was derived from them grows old. */
  private long derivation;

  public DeviceWeights(DeviceHeap heap, Queue queue) {
    this.heap = heap;
    this.queue = queue;
  }

  /** From now on parameters lie within copies of these flat arrays; to be called before kernels are made that train. */
  public void bind(INDArray parameters, INDArray gradient) {
    flatParameters = new Mirror(parameters, heap);
    flatGradients = new Mirror(gradient, heap);
    flatGradients.upload(queue, flatGradients.place());
    values.clear();
    gradients.clear();
  }

  Mirror flatParameters() {
    return flatParameters;
  }

  Mirror flatGradients() {
    return flatGradients;
  }

  Place updatedHere() {
    return updatedHere;
  }

  /** Where the values of a range of the flat parameters are newer than the host's until somebody {@linkplain #changed says otherwise}. */
  void updatesAreMadeHere(Place range) {
    updatedHere = range;
  }

  /** The copies of a parameter; null of null. */
  public DeviceWeight of(Weight weight) {
    if (weight == null) {
      return null;
    }
    return new DeviceWeight(present(values, weight.value(), Value::new),
        weight.gradient() == null ? null : present(gradients, weight.gradient(), Gradient::new));
  }

  private <T> T present(Map<Place, WeakReference<T>> of, INDArray host, Function<INDArray, T> make) {
    of.values().removeIf(reference -> reference.get() == null);
    Place place = Place.of(host);
    WeakReference<T> known = of.get(place);
    T found = known == null ? null : known.get();
    if (found == null) {
      found = make.apply(host);
      of.put(place, new WeakReference<>(found));
    }
    return found;
  }

  /** The host's values changed. */
  public void changed() {
    generation++;
    derivation++;
  }

  /** Values changed on the device. */
  void changedHere() {
    derivation++;
  }

  /** Sets the gradients within a range to zero. */
  public void clear(INDArray gradient) {
    Place range = Place.of(gradient);
    if (flatGradients != null && flatGradients.place().contains(range)) {
      queue.fill(flatGradients.addressOf(range), (byte) 0, range.bytes());
    }
    gradients.forEach((place, reference) -> {
      Gradient each = reference.get();
      if (each != null && each.loose && range.contains(place)) {
        each.clear();
      }
    });
  }

  /** Brings gradients within a range that have memory of their own to the host, and waits until they are there. */
  void deliverLoose(INDArray gradient) {
    Place range = Place.of(gradient);
    undelivered.removeIf(each -> {
      boolean within = range.contains(each.place);
      if (within) {
        each.deliver();
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
    private final Place place;
    private final long address;
    private long copied = -1;
    private long rounded;
    private long roundedFrom = -1;

    private Value(INDArray host) {
      this.host = host;
      this.place = Place.of(host);
      this.address = flatParameters != null && flatParameters.place().contains(place) ? flatParameters.addressOf(place)
          : takeFor(this, place.bytes());
    }

    INDArray host() {
      return host;
    }

    long address() {
      if (copied != generation) {
        for (Place part : place.without(updatedHere)) {
          queue.upload(part.pointer(), address + part.address() - place.address(), part.bytes());
        }
        copied = generation;
      }
      return address;
    }

    long rounded(DeviceWeight.Rounding rounding) {
      if (roundedFrom != derivation) {
        if (rounded == 0) {
          rounded = takeFor(this, Short.BYTES * place.length());
        }
        rounding.round(address(), rounded, place.length());
        roundedFrom = derivation;
      }
      return rounded;
    }
  }

  /** The gradient of a parameter: it begins with the values that the host has. */
  final class Gradient {
    private final INDArray host;
    private final Place place;
    private final boolean loose;
    private final long address;

    private Gradient(INDArray host) {
      this.host = host;
      this.place = Place.of(host);
      this.loose = flatGradients == null || !flatGradients.place().contains(place);
      this.address = loose ? takeFor(this, place.bytes()) : flatGradients.addressOf(place);
      if (loose) {
        queue.upload(place.pointer(), address, place.bytes());
      }
    }

    /** Float32, to be added to. */
    long address() {
      if (loose) {
        undelivered.add(this);
      }
      return address;
    }

    private void clear() {
      queue.fill(address(), (byte) 0, place.bytes());
    }

    private void deliver() {
      queue.download(address, Host.pointer(host), place.bytes());
    }
  }
}
