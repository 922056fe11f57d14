/**
 * Turning a trained network into translations: beam search over a decoder that advances one token at a time.
 *
 * <p>In: source sentences as token ids without begin and end tokens. Out: for every sentence its best {@link
 * io.sparkformer.model.decode.Hypothesis hypotheses}, again without begin and end.
 *
 * <p>Read {@link io.sparkformer.model.decode.BeamSearch} first. It knows nothing of the network; what it needs of it is {@link
 * io.sparkformer.model.decode.StepDecoder}: start a batch of sentences, then, step by step, the most probable next tokens of every
 * row, with keys and values of earlier steps kept, so that n tokens cost n steps. {@link
 * io.sparkformer.model.decode.TranslationBatches} decides which sentences are decoded together; a translation does not depend on it.
 *
 * <p>Shapes: a <em>row</em> is one unfinished hypothesis of one sentence; arrays over rows are {@code [rows]}, tables of the k best
 * next tokens {@code [rows, k]}, row-major.
 */
package io.sparkformer.model.decode;
