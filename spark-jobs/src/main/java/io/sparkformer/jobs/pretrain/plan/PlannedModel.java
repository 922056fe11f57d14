package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.model.decode.ControlTokens;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * The network of a run, and the files of its folder.
 *
 * @param config {@code config.json}
 * @param control what the decoder reads first, what ends a sentence, and what is never part of a translation
 * @param tokens what objectives have to know of the tokenizer
 * @param companions files of its folder beside configuration, tensors and tokenizer, by name; those that lack are made
 * @param weights the model folder with whose weights the run begins; null for first weights that are drawn
 * @param fresh names of the tensors that are drawn all the same: those of a new head
 */
public record PlannedModel(String config, ControlTokens control, TextTokens tokens, Map<String, byte[]> companions,
    Path weights, List<String> fresh) implements Serializable {
  public PlannedModel {
    companions = Map.copyOf(companions);
    fresh = List.copyOf(fresh);
  }
}
