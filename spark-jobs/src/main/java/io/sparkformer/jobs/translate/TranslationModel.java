package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.LogitsDecoder;
import java.util.List;

/**
 * A trained model with its tokenizer, in memory: loaded once in a process, and used by all its task threads at the same time. Translating
 * uses networks and tokenizers through this interface only.
 */
public interface TranslationModel {

  /** Token ids of each sentence, without begin and end tokens. */
  List<int[]> encode(List<String> sentences);

  /** Token ids of each text in the language of translations. */
  List<int[]> encodeTarget(List<String> texts);

  /** What the tokens of each sentence stand for, in the order of {@link #encode}: unknown ones for their text. */
  List<String[]> pieces(List<String> sentences);

  /** The token for text that the vocabulary lacks; negative where it lacks none. */
  int unknown();

  /** The text of tokens; begin, end and other special tokens are left out. */
  String decode(int[] tokens);

  /** What the decoder reads first, what ends a translation, and what is never part of one. */
  ControlTokens control();

  /**
   * A decoder for one thread; decoders share the parameters, each has caches of its own.
   *
   * @param watchedLayer the layer of the network's decoder, from 1, whose attention to the source it tells; 0 for none
   */
  LogitsDecoder newDecoder(int watchedLayer);
}
