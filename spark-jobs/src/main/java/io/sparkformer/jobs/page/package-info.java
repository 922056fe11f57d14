/**
 * Pages that need no network. {@code report.html} is about a run, and its charts are inline SVG without scripts; the page of the
 * {@code explain} job ({@link io.sparkformer.jobs.page.ExplanationPage}) draws its maps by a script of its own, {@code explanation.js}.
 *
 * <p>In: a training output. Out: HTML. {@link io.sparkformer.jobs.page.ReportPage} (read it first) puts the page together from
 * {@link io.sparkformer.jobs.page.LineChart}, {@link io.sparkformer.jobs.page.BarChart} and {@link io.sparkformer.jobs.page.ShareChart}.
 * Colours are those of {@code report.css}, which has them for a light and a dark screen. No library draws the charts: those for Java that
 * write SVG do not follow the reader's light or dark screen, and those for browsers need scripts many times as large as the page.
 */
package io.sparkformer.jobs.page;
