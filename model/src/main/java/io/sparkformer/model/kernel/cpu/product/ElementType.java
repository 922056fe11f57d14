package io.sparkformer.model.kernel.cpu.product;

import org.bytedeco.dnnl.memory;

/** What oneDNN's products read: the type of both factors, and that of the sums. */
enum ElementType {
  FLOAT32(memory.data_type.f32, memory.data_type.f32, Float.BYTES),
  BFLOAT16(memory.data_type.bf16, memory.data_type.f32, Short.BYTES),
  INT8(memory.data_type.s8, memory.data_type.s32, Byte.BYTES);

  private final memory.data_type factors;
  private final memory.data_type sums;
  private final int bytes;

  ElementType(memory.data_type factors, memory.data_type sums, int bytes) {
    this.factors = factors;
    this.sums = sums;
    this.bytes = bytes;
  }

  memory.data_type factors() {
    return factors;
  }

  memory.data_type sums() {
    return sums;
  }

  /** Of a factor's element. */
  int bytes() {
    return bytes;
  }
}
