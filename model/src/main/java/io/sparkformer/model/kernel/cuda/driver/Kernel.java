package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.cuFuncGetParamInfo;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** One kernel of a program. Used by one thread at a time. */
public final class Kernel {
  /** What a block may have without asking. */
  private static final int SHARED_BYTES = 48 << 10;
  private static final int SLOT_BYTES = 8;

  private final String name;
  private final Device device;
  private final CUfunc_st function;
  /** Bytes of every parameter. */
  private final List<Long> sizes = new ArrayList<>();
  private final BytePointer values;
  private final PointerPointer<Pointer> addresses;
  private int sharedLimit = SHARED_BYTES;

  /**
   * How many blocks of how many threads, and how much shared memory a block has beside what its kernel declares.
   *
   * @param x blocks of the grid's first dimension
   * @param y of its second
   * @param threads of a block
   * @param sharedBytes of a block
   */
  public record Launch(long x, long y, int threads, int sharedBytes) {
    private static final int MAX_BLOCKS_Y = 65_535;

    public Launch {
      if (x > Integer.MAX_VALUE || y > MAX_BLOCKS_Y) {
        throw new IllegalArgumentException("A launch of %d x %d blocks is too large".formatted(x, y));
      }
    }

    public static Launch of(long blocks, int threads) {
      return new Launch(blocks, 1, threads, 0);
    }

    public Launch withShared(long bytes) {
      return new Launch(x, y, threads, Math.toIntExact(bytes));
    }
  }

  Kernel(String name, Device device, CUfunc_st function) {
    this.name = name;
    this.device = device;
    this.function = function;
    try (SizeTPointer offset = new SizeTPointer(1); SizeTPointer size = new SizeTPointer(1)) {
      while (cuFuncGetParamInfo(function, sizes.size(), offset, size) == 0) {
        sizes.add(size.get());
      }
    }
    this.values = new BytePointer(Math.max(1, SLOT_BYTES * sizes.size()));
    this.addresses = new PointerPointer<>(Math.max(1, sizes.size()));
    for (int i = 0; i < sizes.size(); i++) {
      addresses.put(i, values.getPointer(SLOT_BYTES * (long) i));
    }
  }

  /**
   * Puts a launch into a queue; a launch without blocks is none.
   *
   * @param arguments Long for addresses and 64-bit integers, Integer, Float
   */
  public void launch(Queue queue, Launch launch, Object... arguments) {
    if (launch.x == 0 || launch.y == 0) {
      return;
    }
    if (arguments.length != sizes.size()) {
      throw new CudaException("Kernel %s has %d parameters, not %d".formatted(name, sizes.size(), arguments.length));
    }
    for (int i = 0; i < arguments.length; i++) {
      put(i, arguments[i]);
    }
    if (launch.sharedBytes > sharedLimit) {
      Status.check(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, launch.sharedBytes),
          () -> "Asking for %d bytes of shared memory for kernel %s on %s".formatted(launch.sharedBytes, name, device));
      sharedLimit = launch.sharedBytes;
    }
    queue.put(name);
    Status.check(cuLaunchKernel(function, (int) launch.x, (int) launch.y, 1, launch.threads, 1, 1, launch.sharedBytes, queue.stream(),
        addresses, null), () -> "Kernel %s, %s, arguments %s, on %s".formatted(name, launch, Arrays.toString(arguments), device));
  }

  private void put(int place, Object argument) {
    long at = SLOT_BYTES * (long) place;
    int bytes;
    if (argument instanceof Long value) {
      values.putLong(at, value);
      bytes = Long.BYTES;
    } else if (argument instanceof Integer value) {
      values.putInt(at, value);
      bytes = Integer.BYTES;
    } else if (argument instanceof Float value) {
      values.putFloat(at, value);
      bytes = Float.BYTES;
    } else {
      throw new CudaException("Argument %d of kernel %s is a %s".formatted(place, name, argument));
    }
    if (bytes != sizes.get(place)) {
      throw new CudaException("Parameter %d of kernel %s has %d bytes, its argument %s has %d"
          .formatted(place, name, sizes.get(place), argument, bytes));
    }
  }
}
