/**
 * Turning a trained network into text: searches over a decoder that advances one token at a time.
 *
 * <p>In: source sentences as token ids without begin and end tokens. Out: for every sentence its best {@link
 * io.sparkformer.model.decode.Hypothesis hypotheses}, again without begin and end.
 *
 * <p>Read {@link io.sparkformer.model.decode.BeamSearch} first. It knows nothing of the network; what it needs of it is {@link
 * io.sparkformer.model.decode.StepDecoder}: start a batch of sentences, then, step by step, the most probable next tokens of every
 * row, with keys and values of earlier steps kept, so that n tokens cost n steps. {@link
 * io.sparkformer.model.decode.TranslationBatches} decides which sentences are decoded together; a translation does not depend on it.
 *
 * <p>{@link io.sparkformer.model.decode.Sampling} continues texts by tokens that are drawn, or are the most probable ones: what it needs is
 * {@link io.sparkformer.model.decode.LogitsDecoder}, the scores of all tokens. {@link io.sparkformer.model.decode.TokenRules} change them
 * before a token is chosen; {@link io.sparkformer.model.decode.RuledDecoder} lets a beam search see the changed ones. {@link
 * io.sparkformer.model.decode.Session} is both kinds of decoder over a network.
 *
 * <p>Shapes: a <em>row</em> is one unfinished hypothesis of one sentence; arrays over rows are {@code [rows]}, tables of the k best
 * next tokens {@code [rows, k]}, row-major.
 */
package io.sparkformer.model.decode;
