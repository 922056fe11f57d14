/**
 * The {@code explain} job: lines of text and a model in, one HTML page out that shows what the model attends to and which tokens its
 * predictions rest on.
 *
 * <p>Read {@link io.sparkformer.jobs.explain.ExplainJob} first. {@code LineExplainer} makes an
 * {@link io.sparkformer.jobs.explain.ExplainedLine} of every line with the model's {@link io.sparkformer.model.explain.Explainer};
 * {@link io.sparkformer.jobs.page.ExplanationPage} shows them. All of it runs in the driver: a page holds few lines.
 */
package io.sparkformer.jobs.explain;
