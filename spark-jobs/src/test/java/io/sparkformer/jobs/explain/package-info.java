/** Tests of the {@code explain} job. */
package io.sparkformer.jobs.explain;
