package io.sparkformer.model.kernel.cpu.product;

/**
 * The rows that a product with packed weights reads.
 *
 * @param address of the first element
 * @param stride elements between the beginnings of neighbouring rows
 * @param isPadded whether the memory goes on for up to {@link PackedBlocks#PADDING} rows more, so that a product may read them
 */
record ProductRows(ElementType type, long address, int rows, int stride, boolean isPadded) {
  long address(int row, int column) {
    return address + (long) type.bytes() * ((long) row * stride + column);
  }

  /** The columns from {@code from} on. */
  ProductRows from(int column) {
    return new ProductRows(type, address(0, column), rows, stride, isPadded);
  }
}
