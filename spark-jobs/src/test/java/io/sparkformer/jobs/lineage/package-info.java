/** Tests of what a model was made of. */
package io.sparkformer.jobs.lineage;
