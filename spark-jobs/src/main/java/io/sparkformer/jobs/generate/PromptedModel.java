package io.sparkformer.jobs.generate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.TokenRoles;
import java.io.IOException;
import java.io.Serializable;

/**
 * A model that says text; sent to the executors.
 *
 * @param control what the decoder reads first, what ends a text, and what is never part of one
 * @param unknown id of the token for unknown text; {@link SpecialTokens#NONE} for none
 * @param isEncoderDecoder whether the prompt is read by an encoder
 */
record PromptedModel(ModelLocation location, ControlTokens control, int unknown, boolean isEncoderDecoder) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** @throws InvalidInputException when the model says no text */
  static PromptedModel of(ModelLocation location, GenerationConfig generation) throws IOException {
    NetworkConfig network = location.config().network();
    if (network.decoder() == null || network.heads().stream().noneMatch(HeadConfig.Vocabulary.class::isInstance)) {
      throw new InvalidInputException(("The model %s generates no text: a network of the family %s here is %s; give a decoder with its "
          + "language head (gpt2, llama, mistral, falcon, opt) or an encoder-decoder (t5, marian)").formatted(location,
              location.config().json().path("model_type").asText(), network.decoder() == null ? "an encoder alone"
                  : "a decoder without a language head"));
    }
    ControlTokens found = generation.control();
    int begin = found.begin() == SpecialTokens.NONE ? found.end() : found.begin();
    if (begin == SpecialTokens.NONE) {
      throw new InvalidInputException("The model " + location + " names no end token (eos_token_id), so its texts would never end; name it "
          + "in its generation_config.json");
    }
    return new PromptedModel(location, new ControlTokens(begin, found.end(), found.otherEnds(), found.suppressed()),
        location.roles().id(TokenRoles.Role.UNKNOWN).orElse(SpecialTokens.NONE), network.isEncoderDecoder());
  }
}
