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

  /** The text of tokens; begin, end and other special tokens are left out. */
  String decode(int[] tokens);

  /** What the decoder reads first, what ends a translation, and what is never part of one. */
  ControlTokens control();

  /** A decoder for one thread; decoders share the parameters, each has caches of its own. */
  LogitsDecoder newDecoder();
}
