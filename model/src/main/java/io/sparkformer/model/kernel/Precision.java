package io.sparkformer.model.kernel;

/** In which type matrix products read their inputs. Parameters, gradients and everything between products are float32 always. */
public enum Precision {
  /** bfloat16 where the processor has instructions for it that a measured product is faster with, else float32. */
  AUTO,
  FLOAT32,
  /** Float32, of whose fractions products read 10 bits: on NVIDIA devices. */
  TF32,
  /** Inputs rounded to bfloat16, sums in float32. */
  BFLOAT16,
  /** Inputs rounded to 8-bit integers with a scale for each row, sums in 32 bits. */
  INT8
}
