/**
 * Learns a joint vocabulary of parts of words, and turns text into token ids and back.
 *
 * <p>In: lines of text of both languages, cleaned. Out: {@code tokenizer.json}, and token ids of sentences. Read {@link
 * io.sparkformer.data.tokenizer.SubwordAlgorithm} first, which says what can be learnt, then {@link
 * io.sparkformer.data.tokenizer.BpeTrainer} or {@link io.sparkformer.data.tokenizer.UnigramTrainer}. The way of the data:
 *
 * <pre>{@code
 *   lines ── WordCounter (Spark; cuts words) ── WordCounts ── BpeTrainer (driver) ── BpeModel ── TokenizerFile ─► tokenizer.json
 *   tokenizer.json ── Tokenizer (NativeTokenizer: Hugging Face's library in a jar) ── ids
 * }</pre>
 *
 * <h2>tokenizer.json</h2>
 *
 * <p>The format of Hugging Face's {@code tokenizers}, version 1.0, UTF-8 JSON. What is written here:
 *
 * <ul>
 *   <li>{@code model}: type {@code BPE}; {@code vocab} maps each token's text to its id, in the order of ids: the five {@link
 *       io.sparkformer.data.tokenizer.SpecialToken}s 0 to 4, the 256 bytes 5 to 260 in the order of their symbols, then a token for
 *       each merge that makes a new one; {@code merges} lists pairs as {@code "left right"}, the first to apply first. Token texts
 *       are written in GPT-2's byte alphabet, where a space is {@code Ġ}.
 *       Of type {@code Unigram} {@code vocab} lists pairs of text and logarithm of the probability instead, with the same ids of special
 *       tokens and bytes. Of type {@code WordPiece} the characters come behind the special tokens, and tokens that go on with a word begin
 *       with {@code ##}.
 *   <li>{@code pre_tokenizer} and {@code decoder}: {@code ByteLevel} with GPT-2's expression and without a prefix space; of WordPiece those
 *       of BERT.
 *   <li>{@code added_tokens}: the five special tokens, and where they are wanted {@link io.sparkformer.data.tokenizer.Sentinels}, behind
 *       the vocabulary; marked special. No {@code normalizer}, as text must come back exactly (the
 *       corpus is normalized before).
 *   <li>{@code post_processor}: for translation a {@code TemplateProcessing} that appends {@code </s>}, so that {@code tokenizer(text)} in
 *       Python's {@code transformers} gives a model what it was trained with; {@code null} for running text, and in files of version
 *       0.1. Here nothing reads it: batches add begin and end.
 * </ul>
 *
 * <p>{@link io.sparkformer.data.tokenizer.Tokenizer} takes any {@code tokenizer.json}: byte-level BPE, Unigram, WordPiece.
 * Tokens that the file calls special stand for no text. Text that spells one is encoded as text; other users of the file get the
 * same with {@code split_special_tokens} (in Python's {@code transformers}) or {@code encode_special_tokens} (in {@code tokenizers}).
 * A folder of Marian models that has {@code source.spm} and {@code vocab.json} instead is read too ({@code MarianTokenizer}).
 */
package io.sparkformer.data.tokenizer;
