package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cublas.cublasLtGetVersion;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetPCIBusId;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetUuid;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRelease;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cudaRuntimeGetVersion;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUuuid;
import org.bytedeco.javacpp.SizeTPointer;

/** One device of this machine, and this process's context on it. */
public final class Device implements AutoCloseable {
  /** CUDA 13.0, as the driver gives its version: driver 580 has it. */
  private static final int DRIVER_VERSION = 13000;
  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;
  /** From this compute capability on, products of bfloat16 values run on tensor cores. */
  private static final int BFLOAT16_CAPABILITY = 8;

  private final int ordinal;
  private final int handle;
  private final String name;
  private final int capability;
  private final String architecture;
  private final String uuid;
  private final int multiprocessors;
  private final long memoryBytes;
  private final CUctx_st context = new CUctx_st();

  private Device(int ordinal, int handle) {
    this.ordinal = ordinal;
    this.handle = handle;
    byte[] text = new byte[NAME_BYTES];
    try (SizeTPointer bytes = new SizeTPointer(1); CUuuid id = new CUuuid()) {
      Status.check(cuDeviceGetName(text, NAME_BYTES, handle), () -> "cuDeviceGetName of device %d".formatted(ordinal));
      Status.check(cuDeviceTotalMem(bytes, handle), () -> "cuDeviceTotalMem of device %d".formatted(ordinal));
      Status.check(cuDeviceGetUuid(id, handle), () -> "cuDeviceGetUuid of device %d".formatted(ordinal));
      this.memoryBytes = bytes.get();
      byte[] number = new byte[UUID_BYTES];
      id.bytes().get(number);
      this.uuid = HexFormat.of().formatHex(number);
    }
    this.name = text(text);
    this.capability = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    this.architecture = "sm_%d%d".formatted(capability, attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
    this.multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    Status.check(cuDevicePrimaryCtxRetain(context, handle), () -> "cuDevicePrimaryCtxRetain of " + this);
    makeCurrent();
  }

  /**
   * Opens a device.
   *
   * @param ordinal from 0, in the order of the PCI bus, as nvidia-smi numbers devices; of those that this process sees
   * @throws CudaException when this machine has no such device, no driver, or a driver or libraries that are too old
   */
  public static Device open(int ordinal) {
    int devices = count();
    if (ordinal < 0 || ordinal >= devices) {
      throw new CudaException("There is no CUDA device %d: this machine has %d, numbered from 0".formatted(ordinal, devices));
    }
    // CUDA itself numbers the fastest device first.
    int handle = IntStream.range(0, devices).map(Device::handle).boxed().sorted(Comparator.comparing(Device::busId)).toList().get(ordinal);
    return new Device(ordinal, handle);
  }

  private static int handle(int number) {
    int[] value = new int[1];
    Status.check(cuDeviceGet(value, number), () -> "cuDeviceGet(%d)".formatted(number));
    return value[0];
  }

  /** Hexadecimal numbers of fixed length: their order is that of the text. */
  private static String busId(int handle) {
    byte[] id = new byte[NAME_BYTES];
    Status.check(cuDeviceGetPCIBusId(id, NAME_BYTES, handle), () -> "cuDeviceGetPCIBusId");
    return text(id);
  }

  private static String text(byte[] ended) {
    return new String(ended, StandardCharsets.UTF_8).split("\0", 2)[0];
  }

  /**
   * How many devices this process sees.
   *
   * @throws CudaException when there is no driver, or when driver or libraries are too old
   */
  public static int count() {
    int[] value = new int[1];
    try {
      Status.check(cuInit(0), "cuInit");
      Status.check(cuDriverGetVersion(value), "cuDriverGetVersion");
      if (value[0] < DRIVER_VERSION) {
        throw new CudaException("The NVIDIA driver is for CUDA %d.%d; needed is driver 580 or later, which has CUDA 13.0"
            .formatted(value[0] / 1000, value[0] % 1000 / 10));
      }
      Status.check(cudaRuntimeGetVersion(value), "cudaRuntimeGetVersion");
      // The libraries that are needed later: better missed now.
      Status.checkCompiler(nvrtcVersion(value, value), () -> "nvrtcVersion");
      cublasLtGetVersion();
    } catch (LinkageError e) {
      throw new CudaException(("CUDA cannot be loaded: %s. Needed are an NVIDIA driver of version 580 or later, and CUDA 13's cudart, "
          + "cublas, cublasLt and nvrtc (names that end in .so.13; those of CUDA 12 do not serve) on the library path "
          + "(LD_LIBRARY_PATH; of executors, spark.executorEnv.LD_LIBRARY_PATH)").formatted(rootMessage(e)), e);
    }
    Status.check(cuDeviceGetCount(value), "cuDeviceGetCount");
    return value[0];
  }

  /** Of JavaCPP's search the first line: what was missing. */
  private static String rootMessage(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    Status.check(cuDeviceGetAttribute(value, attribute, handle),
        () -> "cuDeviceGetAttribute(%d) of device %d".formatted(attribute, ordinal));
    return value[0];
  }

  /** Directs the calling thread's calls to this device. */
  void makeCurrent() {
    Status.check(cuCtxSetCurrent(context), () -> "cuCtxSetCurrent to " + this);
  }

  /** What programs are compiled for: {@code sm_90}. */
  public String architecture() {
    return architecture;
  }

  /** Whether products of bfloat16 values are faster than those of float32 values. */
  public boolean hasBfloat16() {
    return capability >= BFLOAT16_CAPABILITY;
  }

  /** The same for nothing else in the world. */
  public String uuid() {
    return uuid;
  }

  public int multiprocessors() {
    return multiprocessors;
  }

  public long memoryBytes() {
    return memoryBytes;
  }

  /** Memory that nobody has taken at present. */
  public long freeBytes() {
    makeCurrent();
    try (SizeTPointer free = new SizeTPointer(1); SizeTPointer total = new SizeTPointer(1)) {
      Status.check(cuMemGetInfo(free, total), () -> "cuMemGetInfo of " + this);
      return free.get();
    }
  }

  @Override
  public void close() {
    Status.check(cuDevicePrimaryCtxRelease(handle), () -> "cuDevicePrimaryCtxRelease of " + this);
  }

  @Override
  public String toString() {
    return "device %d (%s, %s)".formatted(ordinal, name, architecture);
  }
}
