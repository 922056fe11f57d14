/**
 * The {@code generate} job: prompts in, their continuations in the same order out.
 *
 * <p>Read {@link io.sparkformer.jobs.generate.GenerateJob} first. {@link io.sparkformer.jobs.generate.TextGenerator} is the work of a task
 * in plain Java; the searches are those of {@code model.decode}. {@link io.sparkformer.jobs.generate.ConsoleGeneration} answers a person at
 * a terminal, on the driver, token by token.
 *
 * <p>A decoder by itself continues its prompt, whose tokens are those that the folder's tokenizer makes of it, with the special tokens that
 * it puts before texts; an encoder reads the prompt as a sentence, and its decoder answers. Which tokens are drawn is a function of the
 * model, the settings, the seed, and the number of the line or row, so the same whatever is computed beside it, in batches of any size, by
 * any number of executors.
 *
 * <ul>
 * <li>An empty prompt: the decoder begins a text of its own, with the model's begin token (or the end token, where it has none).
 * <li>A prompt that is longer than the model accepts: a decoder reads its last tokens (and the special ones before it), an encoder its
 *     first ones; such prompts are counted.
 * <li>A text that grows longer than a decoder accepts goes on from its own last tokens; with beam search, and with an encoder, it ends
 *     there.
 * <li>Characters that the tokenizer does not know become its unknown token, or nothing where it has none; such prompts are counted. Bytes
 *     that are not UTF-8 are refused.
 * </ul>
 *
 * <p>Text output: one line for every line of the input. So that a continuation is one line, what would break it is escaped: {@code \n} for
 * a line break, {@code \r}, {@code \t}, {@code \\} for a backslash, and {@code \}{@code u001b} for other control characters. With several
 * continuations each is a line of three tab-separated fields:
 *
 * <pre>
 * number of the input line, from 1  TAB  number of the continuation, from 1  TAB  text
 * </pre>
 *
 * <p>Table output: the rows and columns of the input as {@link io.sparkformer.jobs.table} keeps them, and one more column, a string as it
 * is; of several continuations an array of strings. A null prompt gives null.
 */
package io.sparkformer.jobs.generate;
