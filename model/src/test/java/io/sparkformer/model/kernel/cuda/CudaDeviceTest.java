package io.sparkformer.model.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.driver.Compiler;
import io.sparkformer.model.kernel.cuda.driver.CudaException;
import io.sparkformer.model.kernel.cuda.driver.Device;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Kernel;
import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The device beneath the kernels: programs, memory, queues, and what is said when something fails. */
class CudaDeviceTest {
  private static final String DOUBLE = """
      extern "C" __global__ void twice(float* values, int count) {
        for (int i = threadIdx.x; i < count; i += blockDim.x) {
          values[i] = FACTOR * values[i];
        }
      }
      """;

  @BeforeAll
  static void standIn() {
    StandIn.load();
  }

  private static Device device(StandIn.Strictness strictness) {
    return Device.open(strictness.ordinal());
  }

  private static Kernel twice(Device device, Path cache) {
    return new Compiler(device, cache).compile("twice", DOUBLE, Map.of("FACTOR", 2)).kernel("twice");
  }

  @Test
  void compiledProgramsAreKeptByAllThatTheyDependOn(@TempDir Path cache) throws IOException {
    Device device = device(StandIn.Strictness.NONE);
    twice(device, cache);
    twice(device, cache);
    assertThat(files(cache)).hasSize(1);
    new Compiler(device, cache).compile("twice", DOUBLE, Map.of("FACTOR", 3));
    new Compiler(device, cache).compile("twice", DOUBLE + "// another", Map.of("FACTOR", 2));
    List<Path> files = files(cache);
    assertThat(files).hasSize(3);
    for (Path file : files) {
      Files.write(file, new byte[16]);
    }
    assertThatThrownBy(() -> twice(device, cache)).as("the kept file is what is loaded").isInstanceOf(CudaException.class)
        .hasMessageStartingWith("Loading twice on device 0 (stand-in, sm_90) failed: ");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void wrongSourcesAreNamedWithTheCompilersMessages(@TempDir Path cache) {
    Device device = device(StandIn.Strictness.NONE);
    assertThatThrownBy(() -> new Compiler(device, cache).compile("broken", "extern \"C\" __global__ void f() { nothing(); }", Map.of("N",
        1)))
        .isInstanceOf(CudaException.class).hasMessageStartingWith("Compiling broken with [--gpu-architecture=sm_90, --std=c++17, -DN=1] (")
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> new Compiler(device, cache).compile("twice", DOUBLE, Map.of("FACTOR", 2)).kernel("thrice"))
        .isInstanceOf(CudaException.class).hasMessageStartingWith("Looking up kernel thrice in twice failed: ");
  }

  @Test
  void launchesThatCannotBeAreNamed(@TempDir Path cache) {
    Device device = device(StandIn.Strictness.NONE);
    Kernel kernel = twice(device, cache);
    try (Queue queue = new Queue(device)) {
      assertThatThrownBy(() -> kernel.launch(queue, Launch.of(1, 32), 5L)).isInstanceOf(CudaException.class)
          .hasMessage("Kernel twice has 2 parameters, not 1");
      assertThatThrownBy(() -> kernel.launch(queue, Launch.of(1, 32), 5L, 6L)).isInstanceOf(CudaException.class)
          .hasMessage("Parameter 1 of kernel twice has 4 bytes, its argument 6 has 8");
      assertThatThrownBy(() -> kernel.launch(queue, Launch.of(1, 2048), 5L, 6)).isInstanceOf(CudaException.class)
          .hasMessageStartingWith("Kernel twice, Launch[x=1, y=1, threads=2048, sharedBytes=0], arguments [5, 6], on device 0 "
              + "(stand-in, sm_90) failed: ");
    }
  }

  @Test
  void devicesThatAreNotThereAreNamed() {
    assertThatThrownBy(() -> Device.open(4)).isInstanceOf(CudaException.class)
        .hasMessage("There is no CUDA device 4: this machine has 4, numbered from 0");
  }

  @Test
  void memoryThatIsGivenBackIsTakenAgain() {
    DeviceHeap heap = new DeviceHeap(device(StandIn.Strictness.NONE));
    long first = heap.take(1000);
    long second = heap.take(5000);
    assertThat(heap.usedBytes()).isEqualTo(1024 + 5120);
    heap.give(first);
    assertThat(heap.take(900)).isEqualTo(first);
    heap.give(second);
    assertThat(heap.take(100)).as("a block that is much larger is left alone").isNotEqualTo(second);
    assertThat(heap.peakBytes()).isEqualTo(1024 + 5120);
    assertThat(heap.reservedBytes()).isEqualTo(1024 + 5120 + 512);
    assertThatThrownBy(() -> heap.give(second)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("was not taken from this heap");
    assertThatThrownBy(() -> heap.take(1L << 40)).isInstanceOf(CudaException.class).hasMessageStartingWith(
        "Taking 1099511627776 bytes of device 0 (stand-in, sm_90), which has 2147483648 and of which this process uses 1536, failed: ");
    heap.close();
    assertThat(heap.reservedBytes()).isZero();
  }

  /** The stand-in's third device does work when somebody waits for it: reading too early shows. */
  @Test
  void queuesWaitForEachOtherWhereTheyAreTold(@TempDir Path cache) {
    Device device = device(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES);
    Kernel kernel = twice(device, cache);
    DeviceHeap heap = new DeviceHeap(device);
    try (Queue one = new Queue(device); Queue other = new Queue(device); FloatPointer host = new FloatPointer(1f, 2f, 3f)) {
      long address = heap.take(12);
      one.upload(host, address, 12);
      one.synchronize();
      kernel.launch(one, Launch.of(1, 32), address, 3);
      other.download(address, host, 12);
      assertThat(host.get(2)).as("nobody waited").isEqualTo(3);
      try (Queue.Event done = one.record()) {
        other.waitFor(done);
        other.download(address, host, 12);
      }
      assertThat(host.get(2)).isEqualTo(6);
    }
    heap.close();
  }

  @Test
  void whatGoesFromVertexToVertexStaysOnTheDeviceAndCanOnlyBeAdded() {
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.NONE, CudaSettings.ProductType.FLOAT32)) {
      INDArray sum = kernels.activations(CudaDeviceTest::noWorkspace).array(DataType.FLOAT, 2, 3);
      INDArray more = kernels.gradients(CudaDeviceTest::noWorkspace).array(DataType.FLOAT, 2, 3);
      assertThat(sum).isInstanceOf(DeviceArray.class);
      assertThat(sum.shape()).containsExactly(2, 3);
      kernels.copy(sum, Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}));
      kernels.copy(more, Nd4j.createFromArray(new float[][] {{1, 1, 1}, {2, 2, 2}}));
      assertThat(sum.addi(more)).isSameAs(sum);
      INDArray host = Nd4j.create(2, 3);
      kernels.copy(host, sum);
      assertThat(host.data().asFloat()).containsExactly(2, 3, 4, 6, 7, 8);
      assertThatThrownBy(() -> sum.muli(2)).isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("muli")
          .hasMessageEndingWith("of an array that is on a device");
      assertThatThrownBy(() -> kernels.memory().array(DataType.DOUBLE, 2)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The CUDA kernels compute on float32 arrays, found DOUBLE; use the portable kernels");
    }
  }

  private static INDArray noWorkspace(DataType type, long... shape) {
    throw new AssertionError("an array of the host");
  }

  /** Changed parameters are copied again, and only when they are said to have changed; gradients are added to what the host has. */
  @Test
  void parametersAreCopiedWhenTheyChangedAndGradientsAddedWhenDelivered() {
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES, CudaSettings.ProductType.FLOAT32)) {
      Weight weight = new Weight(Nd4j.createFromArray(new float[][] {{2}}), Nd4j.createFromArray(new float[][] {{100}}));
      DenseKernel dense = kernels.dense(weight, null, Activation.RELU);
      INDArray x = Nd4j.createFromArray(new float[][] {{3}});
      Pass training = Pass.training(0);
      dense.forward(x, training, Nd4j::createUninitializedDetached).backward().run(x.dup(), Nd4j::createUninitializedDetached);
      assertThat(weight.gradient().getFloat(0)).isEqualTo(100);
      kernels.deliver(weight.gradient());
      kernels.deliver(weight.gradient());
      assertThat(weight.gradient().getFloat(0)).isEqualTo(109);
      weight.value().putScalar(0, 5);
      kernels.parametersChanged();
      assertThat(dense.forward(x, training, Nd4j::createUninitializedDetached).output().getFloat(0)).isEqualTo(15);
    }
  }
}
