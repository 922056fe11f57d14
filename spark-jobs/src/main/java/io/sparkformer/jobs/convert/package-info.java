/**
 * Writes a model once more, as a folder that Hugging Face's loaders read: {@link io.sparkformer.jobs.convert.ConvertJob} is the program.
 */
package io.sparkformer.jobs.convert;
