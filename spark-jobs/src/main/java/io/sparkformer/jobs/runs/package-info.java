/**
 * Runs of before and of now: {@link io.sparkformer.jobs.runs.RunsJob} is the program, {@link io.sparkformer.jobs.runs.RunTable} lists the
 * training outputs below a folder, {@link io.sparkformer.jobs.runs.RunDifferences} says what two of them differ in. All of it is read
 * from the outputs (see {@link io.sparkformer.jobs.history}); nothing is written but pages for people.
 */
package io.sparkformer.jobs.runs;
