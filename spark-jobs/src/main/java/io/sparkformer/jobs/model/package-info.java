/**
 * Trained models in the processes of a cluster. {@link io.sparkformer.jobs.model.ModelLocation} (read it first) says where a model
 * lies; it is found on the driver and travels to the tasks. {@link io.sparkformer.jobs.model.SharedModel} is the model there: read once
 * in a process, its parameters one array in memory, and rounded and packed once, whatever the number of task threads that compute with it.
 */
package io.sparkformer.jobs.model;
