package io.sparkformer.model.kernel.cuda.array;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A float32 array in C order in a device's memory, in the form in which DL4J's graph carries arrays: it has a shape and can be added to,
 * which is all that the graph does with activations and gradients. Every other operation of {@link INDArray} throws: numbers are not on
 * the host. It does not own its memory.
 */
public interface DeviceArray extends INDArray {
  /** Of the first element, on the device. */
  long address();

  /** Of all elements. */
  default long bytes() {
    return Float.BYTES * length();
  }

  /** @param sum adds the second array to the first */
  static DeviceArray of(long address, BiConsumer<DeviceArray, INDArray> sum, long... shape) {
    return (DeviceArray) Proxy.newProxyInstance(DeviceArray.class.getClassLoader(), new Class<?>[] {DeviceArray.class},
        new Handle(address, sum, shape.clone()));
  }

  /** Answers the calls. */
  final class Handle implements InvocationHandler {
    private final long address;
    private final BiConsumer<DeviceArray, INDArray> sum;
    private final long[] shape;
    private final long length;

    private Handle(long address, BiConsumer<DeviceArray, INDArray> sum, long[] shape) {
      this.address = address;
      this.sum = sum;
      this.shape = shape;
      this.length = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return switch (method.getName()) {
        case "address" -> address;
        case "bytes" -> Float.BYTES * length;
        case "length" -> length;
        case "shape" -> shape.clone();
        case "rank" -> shape.length;
        case "size" -> shape[arguments[0] instanceof Integer axis ? axis : Math.toIntExact((Long) arguments[0])];
        case "rows" -> Math.toIntExact(shape[0]);
        case "columns" -> Math.toIntExact(shape[1]);
        case "dataType" -> DataType.FLOAT;
        case "ordering" -> 'c';
        case "isAttached", "wasClosed", "closeable", "isCompressed", "isScalar", "isView" -> false;
        case "isEmpty" -> length == 0;
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        case "toString" -> "DeviceArray%s at %x".formatted(Arrays.toString(shape), address);
        case "addi" -> addi((DeviceArray) proxy, arguments);
        default -> throw new UnsupportedOperationException("%s of an array that is on a device".formatted(method));
      };
    }

    private Object addi(DeviceArray self, Object[] arguments) {
      if (arguments.length != 1 || !(arguments[0] instanceof INDArray other)) {
        throw new UnsupportedOperationException("Only a whole array can be added to one that is on a device");
      }
      sum.accept(self, other);
      return self;
    }
  }
}
