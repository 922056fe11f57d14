/** Tests of what belongs to no single job. */
package io.sparkformer.jobs;
