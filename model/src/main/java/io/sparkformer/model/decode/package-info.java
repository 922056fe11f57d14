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
 * <p>What may be asked of a search stands in {@link io.sparkformer.model.decode.DecodingOptions}, and what is asked for one sentence in
 * {@link io.sparkformer.model.decode.Demands}. {@link io.sparkformer.model.decode.SentenceSearch} is the beam of a sentence; {@link
 * io.sparkformer.model.decode.ConstrainedSearch} and {@link io.sparkformer.model.decode.DiverseSearch} change which extensions it takes.
 * {@link io.sparkformer.model.decode.TokenRules} change probabilities before the search sees them, in {@link
 * io.sparkformer.model.decode.RuledDecoder}, which alone looks at all tokens; without rules and demands the network gives the few best
 * ones, and all others cost nothing. {@link io.sparkformer.model.decode.EnsembleDecoder} makes one decoder of several. A decoder that
 * watches its attention to the source gives it to {@link io.sparkformer.model.decode.Hypothesis}, for {@link
 * io.sparkformer.model.decode.AlignmentForm alignments} and {@link io.sparkformer.model.decode.CoveragePenalty coverage}.
 *
 * <p>{@link io.sparkformer.model.decode.Sampling} continues texts by tokens that are drawn, or are the most probable ones: what it needs is
 * {@link io.sparkformer.model.decode.LogitsDecoder}, the scores of all tokens. {@link
 * io.sparkformer.model.decode.Session} is both kinds of decoder over a network.
 *
 * <p>Shapes: a <em>row</em> is one unfinished hypothesis of one sentence; arrays over rows are {@code [rows]}, tables of the k best
 * next tokens {@code [rows, k]}, row-major.
 */
package io.sparkformer.model.decode;
