package io.sparkformer.model.kernel.cpu.product;

import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

/** What a processor can do, as oneDNN reports it: one bit for each instruction set. */
public enum InstructionSet {
  SSE41(0x1),
  AVX2(0x4),
  AVX512(0x20),
  AVX512_VNNI(0x40),
  AVX512_BF16(0x80),
  AVX512_FP16(0x100),
  AMX_BF16(0x800);

  private final int bit;

  InstructionSet(int bit) {
    this.bit = bit;
  }

  /** Whether oneDNN uses it: the processor has it, and no limit was set. */
  public boolean isUsed() {
    return isIn(dnnl_get_effective_cpu_isa());
  }

  boolean isIn(int bits) {
    return (bits & bit) != 0;
  }

  /** The most capable set among the bits. */
  static String name(int bits) {
    String name = "no vectors";
    for (InstructionSet set : values()) {
      if (set.isIn(bits)) {
        name = set.name();
      }
    }
    return name;
  }
}
