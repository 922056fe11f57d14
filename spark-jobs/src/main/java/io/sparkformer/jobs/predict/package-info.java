/**
 * The {@code predict} job: texts or a table in, a label and probabilities for each text in the same order out.
 *
 * <p>Read {@link io.sparkformer.jobs.predict.PredictJob} first; {@link io.sparkformer.jobs.predict.TextClassifier} is the work in plain
 * Java. The model is a classifier of texts, as finetune writes it or Hugging Face's {@code ...ForSequenceClassification}: the names of its
 * classes are those of its {@code config.json} ({@code id2label}), and a model of one label ({@code problem_type = regression}) gives a
 * value and no probabilities. It is loaded once in every executor process and shared by its task threads.
 *
 * <p>A text that is too long loses tokens at its end; such texts are counted and reported. A label does not depend on the texts beside it.
 * A null and a blank text have no label: null.
 *
 * <p>Text output is JSON lines, one for every input line; table output is the rows and columns of the input as
 * {@link io.sparkformer.jobs.table} keeps them, and one more column, or with probabilities two:
 *
 * <pre>
 * {"text":"A fine film.","prediction":"positive","probabilities":[0.0123,0.9877]}
 * </pre>
 */
package io.sparkformer.jobs.predict;
