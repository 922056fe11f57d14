package io.sparkformer.model.decode;

import java.util.BitSet;

/**
 * What the sentences of a batch share.
 *
 * @param suppressed those of {@code control}
 * @param extensions memory for the step of one sentence
 */
record SearchContext(DecodingOptions options, ControlTokens control, BitSet suppressed, Extensions extensions) {

  static SearchContext of(DecodingOptions options, ControlTokens control) {
    BitSet suppressed = new BitSet();
    control.suppressed().forEach(suppressed::set);
    return new SearchContext(options, control, suppressed, new Extensions());
  }

  SearchContext with(DecodingOptions others) {
    return new SearchContext(others, control, suppressed, extensions);
  }
}
