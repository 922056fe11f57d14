package io.sparkformer.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * What the first rank writes into a checkpoint beside the parameters.
 *
 * @param config the model's configuration
 * @param runConfiguration the resolved configuration of the run, as text
 * @param trainingState step, position in the data, seed and whatever else the run needs to go on
 * @param tokenizer the file to copy as {@code tokenizer.json}
 * @param documents further files for people and programs, by name; not read here
 */
public record CheckpointContent(JsonNode config, String runConfiguration, JsonNode trainingState, Path tokenizer,
    Map<String, String> documents) { }
