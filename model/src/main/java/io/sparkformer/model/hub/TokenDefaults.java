package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.decode.TokenRules;
import java.io.Serializable;

/**
 * How a model wants next tokens to be chosen, as its {@code generation_config.json} says; null where that does not say it.
 *
 * @param samples whether tokens are drawn at all ({@code do_sample})
 * @param noRepeatNgram {@link TokenRules#noRepeatNgram}
 * @param minLength {@link TokenRules#minLength}
 */
public record TokenDefaults(boolean samples, Double temperature, Integer topK, Double topP, Double minP, Double repetitionPenalty,
    Integer noRepeatNgram, Integer maxNewTokens, Integer minNewTokens, Integer minLength) implements Serializable {

  /** Of a model that says nothing. */
  public static final TokenDefaults NONE = new TokenDefaults(false, null, null, null, null, null, null, null, null, null);

  private static final String SAMPLES = "do_sample";

  static TokenDefaults of(JsonNode file) {
    return new TokenDefaults(file.path(SAMPLES).asBoolean(false), decimal(file, "temperature"), integer(file, "top_k"),
        decimal(file, "top_p"), decimal(file, "min_p"), decimal(file, "repetition_penalty"), integer(file, "no_repeat_ngram_size"),
        integer(file, "max_new_tokens"), integer(file, "min_new_tokens"), integer(file, "min_length"));
  }

  /** Whether a line of {@link GenerationConfig#ignored}, {@code key = value}, is for searches that draw no tokens alone. */
  public static boolean isOfSampling(String ignored) {
    return ignored.startsWith(SAMPLES + " ");
  }

  private static Double decimal(JsonNode file, String key) {
    return file.hasNonNull(key) ? file.path(key).asDouble() : null;
  }

  private static Integer integer(JsonNode file, String key) {
    return file.hasNonNull(key) ? file.path(key).asInt() : null;
  }
}
