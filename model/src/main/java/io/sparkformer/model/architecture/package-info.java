/**
 * The families of networks: {@link io.sparkformer.model.architecture.Architecture} (read it first) is one of them, one file each, and
 * {@link io.sparkformer.model.architecture.Architectures} finds it. In: a family's {@code config.json}, as Hugging Face writes it. Out: a
 * {@link io.sparkformer.model.config.NetworkConfig}, and for every tensor of the family's files the parameter that it is.
 *
 * <h2>Adding a family</h2>
 * <ol>
 *   <li>Read its {@code config.json} and the names and shapes of its tensors, and find out what its layers compute.</li>
 *   <li>Write one class here. {@code network} builds the stacks from the records of {@code config}; every key that changes the numbers is
 *   read, and every value that is not supported is refused with {@code ConfigJson.require}. {@code tensors} names the tensors:
 *   {@code TensorNames} has a method for every way in which families cut, fuse and transpose matrices.</li>
 *   <li>Add it to the list in {@code Architectures}.</li>
 *   <li>Make a golden case with the family's real class, as {@code HuggingFaceGoldenTest} describes, and run it.</li>
 * </ol>
 * If a layer of the family does something that no record of {@code config} says, it is a new choice there, a kernel for it in both sets of
 * kernels, and a finite-difference test.
 */
package io.sparkformer.model.architecture;
