package io.sparkformer.model.kernel.cuda.array;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a contiguous float32 array lies on the host.
 *
 * @param address of its first element
 * @param length elements
 */
record Place(long address, long length) {
  static final Place NOWHERE = new Place(0, 0);

  static Place of(INDArray array) {
    return new Place(Host.address(array), array.length());
  }

  /** Elements {@code [from, to)} of this one. */
  Place part(long from, long to) {
    return new Place(address + Float.BYTES * from, to - from);
  }

  long bytes() {
    return Float.BYTES * length;
  }

  long end() {
    return address + bytes();
  }

  boolean contains(Place other) {
    return address <= other.address && other.end() <= end();
  }

  /** What lies within another one too; empty if nothing does. */
  Place within(Place other) {
    long from = Math.max(address, other.address);
    return new Place(from, Math.max(0, Math.min(end(), other.end()) - from) / Float.BYTES);
  }

  /** What is left of it: nothing, one part or two. */
  List<Place> without(Place other) {
    List<Place> parts = new ArrayList<>(2);
    long from = Math.max(address, Math.min(other.address, end()));
    long to = Math.max(from, Math.min(other.end(), end()));
    if (address < from) {
      parts.add(new Place(address, (from - address) / Float.BYTES));
    }
    if (to < end()) {
      parts.add(new Place(to, (end() - to) / Float.BYTES));
    }
    return parts;
  }

  /** The memory itself. */
  FloatPointer pointer() {
    return Host.pointer(address, length);
  }
}
