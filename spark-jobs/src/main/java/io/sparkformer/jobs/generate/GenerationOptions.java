package io.sparkformer.jobs.generate;

import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.SamplingOptions;
import io.sparkformer.model.decode.TokenRules;
import java.io.Serializable;
import java.util.List;

/**
 * How texts are generated; sent to the executors.
 *
 * @param beams beam search; null where tokens are drawn or, greedily, chosen one by one
 * @param sampling how they are
 * @param rules for next tokens where no beam search is done
 * @param samples texts for each prompt
 * @param stop texts before the first of which a text ends
 * @param batchSize texts that are decoded together
 * @param seed of the random numbers
 */
record GenerationOptions(DecodingOptions beams, SamplingOptions sampling, TokenRules rules, int samples, int maxNewTokens,
    List<String> stop, int batchSize, long seed) implements Serializable {

  GenerationOptions {
    stop = List.copyOf(stop);
  }
}
