/**
 * The portable kernels: ND4J's operations only, on any backend and in any floating-point type. Clear rather than fast; the oracle that
 * faster kernels are compared with, and in double precision the one whose gradients are checked by finite differences.
 *
 * <p>Read {@link io.sparkformer.model.kernel.portable.Nd4jKernels} first. {@code Nd4jMemory} says where arrays lie: what a backward pass
 * reads on its stack, what lives within one call in a workspace. {@code Nd4jAttention} is put together from {@code HeadProjection} and
 * {@code RotaryTurning} (queries, keys and values), {@code DotProductAttention} with {@code ScoreBias} and {@code Padding} (between the
 * projections), and {@code Nd4jKeyValueCache}. {@link io.sparkformer.model.kernel.portable.RecordingKernels} also tell what they compute on
 * the way, for {@code explain}.
 */
package io.sparkformer.model.kernel.portable;
