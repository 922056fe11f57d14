package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.array.DeviceNumbers;
import io.sparkformer.model.kernel.cuda.array.DeviceStack;
import io.sparkformer.model.kernel.cuda.array.DeviceWeights;
import io.sparkformer.model.kernel.cuda.array.GradientTransfers;
import io.sparkformer.model.kernel.cuda.array.Host;
import io.sparkformer.model.kernel.cuda.driver.Compiler;
import io.sparkformer.model.kernel.cuda.driver.Device;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Kernel;
import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import io.sparkformer.model.kernel.cuda.driver.Program;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import io.sparkformer.model.kernel.cuda.product.Products;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What all CUDA kernels of one graph share: a device, its memory, its queue of work, compiled programs, products. */
final class CudaEngine {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int THREADS = 256;
  /** Blocks for each multiprocessor of a launch whose threads take several elements: enough to hide what memory makes them wait. */
  private static final int BLOCKS = 16;

  private final Device device;
  private final Queue queue;
  /** By which gradients leave. */
  private final Queue leaving;
  private final DeviceHeap heap;
  private final DeviceStack memory;
  /** What goes from vertex to vertex in a backward pass: it outlives what the vertices take from the other stack. */
  private final DeviceStack gradients;
  private final DeviceNumbers numbers;
  private final DeviceWeights weights;
  private final GradientTransfers transfers;
  private final Products products;
  private final DeviceMatrix.Type factors;
  private final Compiler compiler;
  private final CudaSettings settings;
  private final Map<FloatBuffer, Long> constants = new HashMap<>();
  private final OnDevice owned;
  private final Cleaner.Cleanable garbage;

  /** What the device has of an engine; it must not know the engine, so that this can become garbage. */
  private record OnDevice(Queue queue, Queue leaving, DeviceHeap heap, Map<String, Program> programs) implements Runnable {
    @Override
    public void run() {
      queue.synchronize();
      leaving.synchronize();
      heap.close();
      programs.values().forEach(Program::close);
      queue.close();
      leaving.close();
    }
  }

  CudaEngine(CudaSettings settings) {
    this.settings = settings;
    this.device = settings.device();
    this.queue = new Queue(device);
    this.leaving = new Queue(device);
    this.heap = new DeviceHeap(device);
    this.memory = new DeviceStack(heap, queue, this::add, settings.released());
    this.gradients = new DeviceStack(heap, queue, this::add, settings.released());
    this.numbers = new DeviceNumbers(heap, queue);
    this.weights = new DeviceWeights(heap, queue);
    this.transfers = new GradientTransfers(weights, queue, leaving);
    this.products = new Products(queue, heap, settings.products() == CudaSettings.ProductType.TF32 ? Products.Float32.TF32
        : Products.Float32.EXACT);
    this.factors = settings.products() == CudaSettings.ProductType.BFLOAT16 ? DeviceMatrix.Type.BFLOAT16 : DeviceMatrix.Type.FLOAT32;
    this.compiler = new Compiler(device, settings.compiled());
    this.owned = new OnDevice(queue, leaving, heap, new HashMap<>());
    this.garbage = CLEANER.register(this, owned);
  }

  Device device() {
    return device;
  }

  Queue queue() {
    return queue;
  }

  DeviceHeap heap() {
    return heap;
  }

  DeviceStack memory() {
    return memory;
  }

  DeviceStack gradients() {
    return gradients;
  }

  DeviceNumbers numbers() {
    return numbers;
  }

  DeviceWeights weights() {
    return weights;
  }

  GradientTransfers transfers() {
    return transfers;
  }

  Products products() {
    return products;
  }

  /** What products read. */
  DeviceMatrix.Type factors() {
    return factors;
  }

  CudaSettings settings() {
    return settings;
  }

  /** A kernel of the resource {@code code/PROGRAM.cu}. */
  Kernel kernel(String program, String kernel) {
    return kernel(program, kernel, Map.of());
  }

  /** A kernel of a program that is compiled with definitions, once for each set of them. */
  Kernel kernel(String program, String kernel, Map<String, Integer> definitions) {
    return owned.programs().computeIfAbsent(program + definitions,
        key -> compiler.compile(program, resource("common.h") + resource(program + ".cu"), definitions)).kernel(kernel);
  }

  private static String resource(String name) {
    try (InputStream in = CudaEngine.class.getResourceAsStream("code/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Launches a kernel whose threads take elements, a grid apart. */
  void forEach(Kernel kernel, long elements, Object... arguments) {
    kernel.launch(queue, Launch.of(Math.min((elements + THREADS - 1) / THREADS, (long) BLOCKS * device.multiprocessors()), THREADS),
        arguments);
  }

  /** Launches a kernel that has a block of threads for each row, with some floats of shared memory and one for each warp. */
  void forRows(Kernel kernel, long rows, long columns, long sharedFloats, Object... arguments) {
    int threads = (int) Math.max(32, Math.min(THREADS, (columns + 31) / 32 * 32));
    kernel.launch(queue, Launch.of(rows, threads).withShared(Float.BYTES * (sharedFloats + threads / 32)), arguments);
  }

  /** {@code to += from}. */
  void add(DeviceArray to, INDArray from) {
    if (to.length() != from.length()) {
      throw new IllegalArgumentException("Arrays of %d and %d elements cannot be added".formatted(to.length(), from.length()));
    }
    long mark = memory.mark();
    long address;
    if (from instanceof DeviceArray array) {
      address = array.address();
    } else {
      INDArray host = Host.contiguous(from);
      address = memory.take(Float.BYTES * host.length());
      queue.upload(Host.pointer(host), address, Float.BYTES * host.length());
    }
    forEach(kernel("elementwise", "add"), to.length(), to.address(), address, to.length());
    memory.release(mark);
  }

  /** {@code to += from}, where {@code to} is an array of the host. */
  void addOnHost(INDArray to, INDArray from) {
    if (from instanceof DeviceArray array) {
      INDArray host = Nd4j.createUninitializedDetached(DataType.FLOAT, array.shape());
      queue.download(array.address(), Host.pointer(host), array.bytes());
      to.addi(host);
    } else {
      to.addi(from);
    }
  }

  /** {@code to = from}; one of them is on the device. */
  void copy(INDArray to, INDArray from) {
    if (to.length() != from.length()) {
      throw new IllegalArgumentException("An array of %d elements cannot hold %d".formatted(to.length(), from.length()));
    }
    if (from instanceof DeviceArray source && to instanceof DeviceArray target) {
      queue.copy(source.address(), target.address(), source.bytes());
    } else if (from instanceof DeviceArray source) {
      queue.download(source.address(), Host.pointer(to), source.bytes());
    } else {
      INDArray host = Host.contiguous(from);
      queue.upload(Host.pointer(host), ((DeviceArray) to).address(), Float.BYTES * host.length());
    }
  }

  /** Gives the device's memory back. */
  void close() {
    garbage.clean();
  }

  /** The address of values that stay on the device as long as the engine. */
  long constant(float[] values) {
    return constants.computeIfAbsent(FloatBuffer.wrap(values.clone()), key -> {
      long address = heap.take((long) Float.BYTES * values.length);
      try (FloatPointer host = new FloatPointer(values)) {
        queue.upload(host, address, (long) Float.BYTES * values.length);
      }
      return address;
    });
  }
}
