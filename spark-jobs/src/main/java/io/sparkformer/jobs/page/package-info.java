/**
 * {@code report.html}: one page about a run that needs nothing else, neither a network nor scripts. Charts are inline SVG.
 *
 * <p>In: a training output. Out: HTML. {@link io.sparkformer.jobs.page.ReportPage} (read it first) puts the page together from
 * {@link io.sparkformer.jobs.page.LineChart}, {@link io.sparkformer.jobs.page.BarChart} and {@link io.sparkformer.jobs.page.ShareChart}.
 * Colours are those of {@code report.css}, which has them for a light and a dark screen. No library draws the charts: those for Java that
 * write SVG do not follow the reader's light or dark screen, and those for browsers need scripts many times as large as the page.
 */
package io.sparkformer.jobs.page;
