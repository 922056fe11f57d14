package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.model.decode.ControlTokens;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * The network of a run, and the files of its folder.
 *
 * @param config {@code config.json}
 * @param control what the decoder reads first, what ends a sentence, and what is never part of a translation
 * @param mask id of the mask token; {@link io.sparkformer.model.architecture.SpecialTokens#NONE} for none
 * @param special all tokens of the tokenizer that have a role
 * @param companions files of its folder beside configuration, tensors and tokenizer, by name; those that lack are made
 * @param weights the model folder with whose weights the run begins; null for first weights that are drawn
 */
public record PlannedModel(String config, ControlTokens control, int mask, Set<Integer> special, Map<String, byte[]> companions,
    Path weights) implements Serializable {
  public PlannedModel {
    special = Set.copyOf(special);
    companions = Map.copyOf(companions);
  }
}
