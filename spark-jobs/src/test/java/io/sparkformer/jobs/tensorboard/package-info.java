/** Tests of the event files, read by classes of TensorFlow. */
package io.sparkformer.jobs.tensorboard;
