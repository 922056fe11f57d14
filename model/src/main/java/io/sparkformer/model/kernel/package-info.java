/**
 * The numeric primitives of a Transformer, forward and backward.
 *
 * <p>Read {@link io.sparkformer.model.kernel.Kernels} first: it makes one kernel for every box of a network. A kernel keeps nothing
 * between passes: a forward pass returns its backward pass with all that it needs ({@link io.sparkformer.model.kernel.Forward}), and the
 * arrays of that lie on a stack ({@link io.sparkformer.model.kernel.Memory}). Parameters and wiring belong to {@code graph}.
 * {@link io.sparkformer.model.kernel.portable.Nd4jKernels} is the portable implementation: ND4J operations only, so it runs on every
 * backend; clear rather than fast, and the oracle of the tests. {@link io.sparkformer.model.kernel.cpu.CpuKernels} is the fast one for
 * x86-64 processors; {@link io.sparkformer.model.kernel.KernelSelection} decides. {@link io.sparkformer.model.kernel.cuda.CudaKernels},
 * for NVIDIA devices, are taken where a task has one; no device has run them yet, only a stand-in.
 *
 * <p>Words for shapes, used everywhere in this module:
 * <ul>
 *   <li>{@code tokens}: real tokens of all sentences of a micro-batch, one after another; there are no padding rows;</li>
 *   <li>{@code sentences}: sentences of the micro-batch; {@link io.sparkformer.model.kernel.Segments} says where each begins;</li>
 *   <li>{@code d_model}, {@code ffn}, {@code heads}, {@code head_width}, {@code vocabulary}: as in {@code config};</li>
 *   <li>{@code rows}: hypotheses that are decoded together, one token each.</li>
 * </ul>
 * Weight matrices are {@code [out, in]} in C order, as PyTorch has them: {@code y = x W^T + b}. Every gradient of a parameter is
 * <em>added</em> to its view, so that micro-batches accumulate.
 */
package io.sparkformer.model.kernel;
