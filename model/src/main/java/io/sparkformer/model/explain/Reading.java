package io.sparkformer.model.explain;

import io.sparkformer.model.batch.Sequences;
import java.util.List;

/**
 * One sequence for each stack of a network, special tokens included.
 *
 * @param encoder token ids; null for a network without an encoder
 * @param types of the encoder's tokens; null where all are 0
 * @param decoder token ids; null for a network without a decoder
 */
public record Reading(int[] encoder, int[] types, int[] decoder) {
  public static Reading ofEncoder(int... tokens) {
    return new Reading(tokens, null, null);
  }

  public static Reading ofDecoder(int... tokens) {
    return new Reading(null, null, tokens);
  }

  /** @param target what the decoder reads, begin token included */
  public static Reading ofPair(int[] source, int[] target) {
    return new Reading(source, null, target);
  }

  /** The tokens that the last stack reads: rows of the network's scores. */
  int[] last() {
    return decoder != null ? decoder : encoder;
  }

  Sequences encoderSequences() {
    return encoder == null ? null : Sequences.pack(List.of(encoder), types == null ? null : List.of(types), 0);
  }

  Sequences decoderSequences() {
    return decoder == null ? null : Sequences.pack(List.of(decoder), 0);
  }
}
