/** Tests of model cards. */
package io.sparkformer.jobs.card;
