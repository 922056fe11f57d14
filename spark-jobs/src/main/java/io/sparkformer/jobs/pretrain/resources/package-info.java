/**
 * What a run needs of the cluster before it begins: {@link io.sparkformer.jobs.pretrain.resources.TaskSlots} waits for as many task slots
 * as there are workers, {@link io.sparkformer.jobs.pretrain.resources.MemoryPlan} computes the most memory outside the Java heap that the
 * workers take, and {@link io.sparkformer.jobs.pretrain.resources.MemoryLimit} how much there is; training that does not fit is refused.
 */
package io.sparkformer.jobs.pretrain.resources;
