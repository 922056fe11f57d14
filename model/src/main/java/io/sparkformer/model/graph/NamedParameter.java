package io.sparkformer.model.graph;

/**
 * Where a parameter lies in the flat array.
 *
 * @param name PyTorch's name
 * @param offset of its first element
 * @param shape in C order
 */
public record NamedParameter(String name, long offset, long... shape) {
  public long length() {
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    return length;
  }
}
