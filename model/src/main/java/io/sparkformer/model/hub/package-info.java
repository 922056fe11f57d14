/**
 * Model folders as Hugging Face lays them out: {@code config.json}, {@code model.safetensors} or several files with an index.
 *
 * <p>Read {@link io.sparkformer.model.hub.HubFolder} first: a folder in, a network with its weights out. Tensors stream between files and
 * the flat parameters as {@link io.sparkformer.model.hub.TensorContent}; no file is ever held whole in memory.
 *
 * <h2>Safetensors</h2>
 * An unsigned little-endian 64-bit length of the header; the header, a JSON object from tensor name to {@code dtype}, {@code shape} and
 * {@code data_offsets} (begin and end, in bytes after the header) and from {@code __metadata__} to an object of strings, padded with
 * spaces to a multiple of 8 bytes; then the tensors, row-major, little-endian, one after another without holes. Types here are {@code F32},
 * {@code F16} and {@code BF16}.
 */
package io.sparkformer.model.hub;
