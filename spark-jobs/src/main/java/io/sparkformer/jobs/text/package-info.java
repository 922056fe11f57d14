/**
 * Things in order on Spark: {@link io.sparkformer.jobs.text.OrderedParts} spreads numbered things (lines, rows) over tasks without
 * losing their order, as a {@link io.sparkformer.jobs.text.PartPlan} says; {@link io.sparkformer.jobs.text.PartFolder} joins the files
 * that the tasks wrote. Nothing here holds more in memory than one task's part.
 */
package io.sparkformer.jobs.text;
