package io.sparkformer.model.kernel.cuda.array;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Memory of ND4J's float32 arrays on the host. */
public final class Host {
  private Host() {}

  /** The array itself, or a copy of it if it is not contiguous in C order. */
  public static INDArray contiguous(INDArray array) {
    return isContiguous(array) ? array : array.dup('c');
  }

  private static boolean isContiguous(INDArray array) {
    return array.length() <= 1 || array.elementWiseStride() == 1 && (array.ordering() == 'c' || array.rank() == 1);
  }

  /** Of the first element. */
  static long address(INDArray array) {
    check(array);
    return array.data().pointer().address() + array.offset() * Float.BYTES;
  }

  /** The array's memory, not a copy. */
  public static FloatPointer pointer(INDArray array) {
    return pointer(address(array), array.length());
  }

  static FloatPointer pointer(long address, long length) {
    return new FloatPointer(new Address(address)).capacity(length);
  }

  private static void check(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException("The CUDA kernels compute on float32 arrays, found %s; use the portable kernels"
          .formatted(array.dataType()));
    }
    if (!isContiguous(array)) {
      throw new IllegalArgumentException("The CUDA kernels need contiguous arrays in C order, found %s"
          .formatted(array.shapeInfoToString()));
    }
  }

  /** A bare address for JavaCPP; it owns nothing. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }
}
