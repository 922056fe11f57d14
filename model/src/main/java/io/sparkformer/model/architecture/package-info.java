/**
 * The families of networks: {@link io.sparkformer.model.architecture.Architecture} (read it first) is one of them, one file each, and
 * {@link io.sparkformer.model.architecture.Architectures} finds it. In: a family's {@code config.json}, as Hugging Face writes it. Out: a
 * {@link io.sparkformer.model.config.NetworkConfig}, and for every tensor of the family's files the parameter that it is.
 *
 * <h2>Adding a family</h2>
 * {@code Opt} is an example of one by itself, {@code Roberta} of one that shares most of its layers with a relative ({@code Bert}).
 * <ol>
 *   <li>Read its {@code config.json} and the names and shapes of its tensors, and find out what its layers compute.</li>
 *   <li>Write one class here. {@code network} builds the stacks from the records of {@code config}; every key that changes the numbers is
 *   read, and every value that is not supported is refused with {@code ConfigJson.require}. Look for constants that no key sets (OPT's
 *   epsilon, the activation of RoBERTa's prediction head), and for where dropout is and is not. {@code tensors} names the tensors:
 *   {@code TensorNames} has a method for every way in which families cut, fuse and transpose matrices. {@code tolerated} names what real
 *   files hold beside them.</li>
 *   <li>Add it to the list in {@code Architectures}. From now on folders of it are read, run and written.</li>
 *   <li>Make a golden case: a tiny model of the family's real class with random weights, in eval mode, in a folder of
 *   {@code src/test/resources/golden/hf}. It holds what {@code save_pretrained} writes; {@code case.json} with inputs, lengths, labels, the
 *   loss, tolerances (about eight times the difference between float32 and float64), and greedy and beam results if the class generates;
 *   {@code expected.safetensors} with {@code hidden_states.N}, {@code logits} and {@code grad.NAME} for every parameter of the file;
 *   {@code explained.safetensors} with attention weights and gradient times input ({@code ExplainerGoldenTest}). The cases that are there
 *   show the keys. Choose sizes and options that are not the defaults. {@code HuggingFaceGoldenTest},
 *   {@code GenerationGoldenTest} and {@code HubWriterTest} find the folder; the report has its name.</li>
 *   <li>If networks of the family are to be begun, and not only read: {@code presets} names the published ones, conf/base.conf gets a
 *   group {@code model.FAMILY} with their keys, and {@code FamilySettingsTest} their numbers of parameters.</li>
 * </ol>
 * If a layer of the family does something that no record of {@code config} says, it is a new choice there, a kernel for it in both sets of
 * kernels, and a finite-difference test.
 */
package io.sparkformer.model.architecture;
