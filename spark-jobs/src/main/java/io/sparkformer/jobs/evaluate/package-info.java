/**
 * The {@code evaluate} job: how good translations are, how well a model predicts a prepared set, or any text, and how often predicted
 * labels are right.
 *
 * <p>In: a file of translations and a file of references, a sentence a line; or a model folder and a folder written by prepare, or
 * text files. Out: lines on standard output (or JSON): BLEU and chrF2 with their signatures; loss and perplexity beside those of a unigram
 * model; of a language model on text ({@link io.sparkformer.jobs.evaluate.TextEvaluation}) perplexity, bits per byte and accuracy;
 * of a table with labels and predictions ({@link io.sparkformer.jobs.evaluate.LabelEvaluation}) accuracy, F1 and correlations, as
 * scikit-learn and SciPy compute them.
 *
 * <p>Read {@link io.sparkformer.jobs.evaluate.EvaluateJob} first, then the metrics, which are plain Java: {@link
 * io.sparkformer.jobs.evaluate.Bleu} and {@link io.sparkformer.jobs.evaluate.ChrF}. Each turns a segment into sufficient statistics;
 * statistics of segments add up in any order and grouping, so Spark adds them wherever the lines are; the score is a function of
 * their sum. The numbers are those of sacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores").
 */
package io.sparkformer.jobs.evaluate;
