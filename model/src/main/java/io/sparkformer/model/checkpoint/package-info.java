/**
 * Checkpoints: folders that hold everything a run needs to go on, and a model that the rest of the world can load.
 *
 * <p>Read {@link io.sparkformer.model.checkpoint.CheckpointStore} first (the checkpoints of one training output), then
 * {@link io.sparkformer.model.checkpoint.CheckpointDraft} (how one is written) and
 * {@link io.sparkformer.model.checkpoint.Checkpoint} (how it is read). Comes in: named tensors and optimizer state as
 * {@link io.sparkformer.model.memory.FloatRegion}s, configuration and training state as JSON. Goes out: the same, on any file system
 * that Hadoop knows. Tensors stream through a small buffer; no file is ever held whole in memory.
 *
 * <h2>Layout of a training output</h2>
 * <pre>
 * checkpoints/
 *   step-00001000/                          a committed checkpoint
 *     manifest.json                         format version, and every other file with its size and checksum
 *     config.json                           the model's configuration
 *     model.safetensors                     all parameters, by name
 *     optimizer-00000-of-00003.safetensors  one slice of the optimizer's state, written by the worker that owns it
 *     tokenizer.json                        copied from the prepared data
 *     tokenizer_config.json, special_tokens_map.json, generation_config.json
 *                                           what Hugging Face's loaders ask for beside it; not read here, absent in old checkpoints
 *     run.conf                              the resolved configuration of the run
 *     lineage.json, README.md               what the model was made of, and its card; not read here, absent in old checkpoints
 *     training-state.json                   step, position in the data, seed, best validation loss ...; opaque here
 *   best-step-00001000.json                 marks a checkpoint as the best so far; the mark of the latest step counts
 *   .unfinished-step-00002000-ATTEMPT/      being written, or abandoned; never read
 * </pre>
 * The owners write a checkpoint together under its unfinished name, from copies of their memory while training goes on; the first rank
 * then renames the folder, and writes the manifest last: a folder without a manifest is no checkpoint. Pruning deletes the manifest
 * first. What is unfinished is deleted when a run begins. Where the storage lost something, sizes and checksums find that, and the
 * checkpoint before it is used. A mark is a new file each time, so there is no moment without one.
 *
 * <h2>File systems</h2>
 * Needed are: a file that was closed is seen by everybody, whole; and renaming one file happens at once or not at all. Local disks, NFS,
 * HDFS and, for a single object, S3 (through {@code s3a:}), Google Cloud Storage and Azure (through {@code abfs:}) are such. Renaming a
 * folder need not be one act: object stores copy it file by file, which takes as long as copying the checkpoint, and what a crash leaves
 * on the way has no manifest.
 *
 * <h2>manifest.json, format version 1</h2>
 * <pre>
 * {
 *   "formatVersion" : 1,
 *   "step" : 1000,
 *   "parameters" : 60524032,                length of the flat array
 *   "files" : [ {
 *     "name" : "optimizer-00000-of-00003.safetensors",
 *     "bytes" : 161397760,
 *     "crc32c" : "8a9136aa",                CRC-32C (Castagnoli, RFC 3720) of the file, eight lower-case hexadecimal digits
 *     "from" : 0,                           optimizer files only: the slice of the flat array
 *     "to" : 20174672
 *   }, ... ],
 *   "manifestCrc32c" : "0e1f2a3b"           of all bytes before the comma and line break that precede this line
 * }
 * </pre>
 * The last line and the closing brace are written exactly so, so that no byte of the manifest can change unseen.
 *
 * <h2>Safetensors</h2>
 * An unsigned little-endian 64-bit length of the header; the header, a JSON object from tensor name to {@code dtype}, {@code shape} and
 * {@code data_offsets} (begin and end, in bytes after the header) and from {@code __metadata__} to an object of strings, padded with
 * spaces to a multiple of 8 bytes; then the tensors, row-major, little-endian, one after another without holes. Only {@code F32} here.
 * An optimizer file holds {@code first_moment} and {@code second_moment}, both {@code [slice]}, and in its metadata {@code from},
 * {@code to} and {@code updates}, the number of updates made. Where weights are averaged, {@code model.safetensors} holds their average,
 * and the optimizer files also {@code parameters} {@code [slice]}, the weights of the last update, with which training goes on.
 */
package io.sparkformer.model.checkpoint;
