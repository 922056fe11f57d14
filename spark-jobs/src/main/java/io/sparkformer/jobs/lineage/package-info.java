/**
 * What a model was made of, so that two models can be told to be made of the same.
 *
 * <p>{@link io.sparkformer.jobs.lineage.Lineage} (read it first) is a list of named inputs, each with its identity, and one hash of them;
 * {@link io.sparkformer.jobs.lineage.LineageInputs} collects those of a training run, and
 * {@link io.sparkformer.jobs.lineage.Software} says which code, Spark and native libraries run here. Every checkpoint holds its lineage.
 *
 * <p><b>lineage.json</b>
 * <pre>
 * {
 *   "hash" : "5f1c...",                  SHA-256 of all below: of the lines NAME = IDENTITY, each with a line feed, in their order, then of
 *                                        the previous hashes in the same form, named "previous"
 *   "inputs" : {
 *     "train/shard-00000.parquet" : ...  SHA-256 of the shard's pairs, whatever file holds them
 *     "tokenizer" : ...                  SHA-256 of tokenizer.json
 *     "weights" : ...                    of a run that began with a model folder (train.from): SHA-256 of its model.safetensors; of several
 *                                        files, of the lines FILE = SHA-256, each with a line feed, in the order of the names
 *     "settings" : ...                   SHA-256 of all settings of training but for names of files
 *     "workers" : "4", "threads" : "8"
 *     "code" : ...                       SHA-256 of the job jar, which holds the native libraries
 *     "sparkformer", "spark", "java", "nd4j-native", ... : version
 *   },
 *   "previous" : [ "a03b..." ]           hashes of the lineages that a resumed run had before, the first one first, where inputs changed
 * }
 * </pre>
 */
package io.sparkformer.jobs.lineage;
