package io.sparkformer.model.decode;

import java.io.Serializable;

/**
 * How a next token is drawn from a network's distribution. The limits apply one after another, each to what the one before has left, as in
 * Hugging Face's {@code generate}.
 *
 * @param temperature what logits are divided by; 0 takes the most probable token always (greedy)
 * @param topK only the k most probable tokens, and those as probable as the k-th (Fan et al. 2018, section 5.4); 0: all
 * @param topP only the most probable tokens that have this probability together, the last of them included (nucleus sampling, Holtzman et
 *     al. 2020, section 3.1); 1: all
 * @param minP only tokens whose probability is at least this share of the most probable one's (Nguyen et al. 2024); 0: all
 */
public record SamplingOptions(double temperature, int topK, double topP, double minP) implements Serializable {

  /** The most probable token always. */
  public static final SamplingOptions GREEDY = new SamplingOptions(0, 0, 1, 0);

  public SamplingOptions {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("Invalid temperature: " + temperature + " (must be >= 0; 0 is greedy, 1 the network's own)");
    }
    if (topK < 0) {
      throw new IllegalArgumentException("Invalid top-k: " + topK + " (must be >= 0; 0 allows all tokens)");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("Invalid top-p: " + topP + " (must be > 0 and <= 1; 1 allows all tokens)");
    }
    if (!(minP >= 0 && minP <= 1)) {
      throw new IllegalArgumentException("Invalid min-p: " + minP + " (must be >= 0 and <= 1; 0 allows all tokens)");
    }
  }

  public boolean isGreedy() {
    return temperature == 0;
  }
}
