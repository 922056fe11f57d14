/** Tests of the list of runs. */
package io.sparkformer.jobs.runs;
