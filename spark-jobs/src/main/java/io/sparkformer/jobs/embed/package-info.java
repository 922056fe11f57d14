/**
 * The {@code embed} job: texts in, a vector for each in the same order out.
 *
 * <p>Read {@link io.sparkformer.jobs.embed.EmbedJob} first; {@link io.sparkformer.jobs.embed.TextEmbedder} is the work in plain Java.
 * {@link io.sparkformer.jobs.embed.EmbeddingForm} says how a model's vectors are made: as the files say that sentence-transformers keeps
 * in a model's folder ({@link io.sparkformer.jobs.embed.SentenceTransformersFiles}), unless settings say otherwise. The model is loaded
 * once in every executor process and shared by its task threads.
 *
 * <p>A vector is the mean of the last hidden states of a text's tokens, special ones included, or that of its first token; divided by its
 * length (L2 norm) where the model is meant so. Of a text that is too long, tokens at the end are left out; such texts are counted and
 * reported. A text does not depend on those beside it. A null, and a text without a token of its own (empty, blank, control characters),
 * have no vector: null.
 *
 * <p>Text output is JSON lines, one for every input line, with the fewest digits that give the same float32 numbers:
 *
 * <pre>
 * {"text":"A man is playing a guitar.","embedding":[0.0123,-0.0456, ...]}
 * </pre>
 *
 * <p>Table output: the rows and columns of the input as {@link io.sparkformer.jobs.table} keeps them, and one more column,
 * {@code array<float>}.
 */
package io.sparkformer.jobs.embed;
