/**
 * The {@code translate} job: sentences in, their translations in the same order out.
 *
 * <p>Read {@link io.sparkformer.jobs.translate.TranslateJob} first. Sentences are numbered, cut into parts of some stretch each, and
 * a task translates a part: {@link io.sparkformer.jobs.translate.SentenceTranslator} is that work in plain Java. The model is loaded
 * once in every executor process and shared by its task threads; each thread computes with {@code spark.task.cpus} cores.
 *
 * <p>Text output: one line for every input line. A blank line gives an empty line. Of a sentence longer than the model accepts, the
 * first tokens that it accepts are translated; such sentences are counted and reported. With n-best over 1 every input line gives
 * its up to n translations, best first, as lines of three tab-separated fields:
 *
 * <pre>
 * number of the input line, from 1  TAB  score  TAB  text
 * </pre>
 *
 * where the score is the log-probability (natural logarithm) over the length penalty, less the coverage penalty; a blank line gives one
 * such line with score 0 and no text. Translations that were given to be scored ({@link io.sparkformer.jobs.translate.Given}) are written
 * so too. With {@code translate.alignment} one more field follows ({@link io.sparkformer.model.decode.AlignmentForm}), except for a blank
 * line. An output whose name ends in .gz, .bz2 or .zst is compressed.
 *
 * <p>Table output: the rows and columns of the input as {@link io.sparkformer.jobs.table} keeps them, and one more column, a string;
 * with n-best over 1, and for given translations, an array of structs {@code (text string, score double)}, best first. A null sentence
 * gives null.
 */
package io.sparkformer.jobs.translate;
