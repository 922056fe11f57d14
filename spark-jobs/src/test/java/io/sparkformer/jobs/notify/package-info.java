/** Tests of {@code notify}. */
package io.sparkformer.jobs.notify;
