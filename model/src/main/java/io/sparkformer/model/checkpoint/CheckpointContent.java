package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.hadoop.fs.Path;

/**
 * What the first rank writes into a checkpoint beside the parameters.
 *
 * @param config the model's configuration
 * @param runConfiguration the resolved configuration of the run, as text
 * @param trainingState step, position in the data, seed and whatever else the run needs to go on
 * @param tokenizer the file to copy as {@code tokenizer.json}
 */
public record CheckpointContent(JsonNode config, String runConfiguration, JsonNode trainingState, Path tokenizer) { }
