/** Tests of {@code history}. */
package io.sparkformer.jobs.history;
