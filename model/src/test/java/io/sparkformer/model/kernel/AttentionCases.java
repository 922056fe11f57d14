package io.sparkformer.model.kernel;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.Masking;
import java.util.stream.Stream;

/** Small attentions, which together have every feature of {@link AttentionConfig}. Dropout is given to kernels apart. */
final class AttentionCases {
  /** Of the residual stream; no multiple of anything. */
  static final int WIDTH = 5;

  private static final AttentionPositions ROTARY = new AttentionPositions.Rotary(4, 100, 1);
  private static final AttentionPositions PARTLY_ROTARY = new AttentionPositions.Rotary(2, 50, 2);
  private static final AttentionPositions ALIBI = new AttentionPositions.Alibi(0.5);
  private static final AttentionPositions RELATIVE = new AttentionPositions.Relative(6, 4);

  private AttentionCases() {}

  /** Attentions of decoders to their own tokens. */
  static Stream<AttentionConfig> causal() {
    return Stream.of(
        causal(2, 2, 3, Biases.ALL, 0, AttentionPositions.NONE),
        causal(4, 2, 3, Biases.INPUTS, 0, AttentionPositions.NONE),
        causal(3, 1, 4, Biases.NONE, 2, AttentionPositions.NONE),
        causal(4, 2, 4, Biases.ALL, 3, ROTARY),
        causal(2, 2, 5, Biases.NONE, 0, PARTLY_ROTARY),
        causal(3, 3, 2, Biases.ALL, 0, ALIBI),
        causal(4, 1, 2, Biases.ALL, 2, ALIBI),
        causal(2, 2, 3, Biases.NONE, 0, RELATIVE),
        causal(4, 2, 3, Biases.ALL, 3, RELATIVE));
  }

  /** Attentions without a mask, to a sequence's own tokens or to others. */
  static Stream<AttentionConfig> unmasked() {
    return Stream.of(
        unmasked(2, 2, 3, Biases.ALL, AttentionPositions.NONE),
        unmasked(4, 2, 3, Biases.INPUTS, AttentionPositions.NONE),
        unmasked(3, 1, 2, Biases.NONE, AttentionPositions.NONE),
        unmasked(4, 2, 4, Biases.ALL, ROTARY),
        unmasked(2, 1, 5, Biases.NONE, PARTLY_ROTARY),
        unmasked(3, 3, 2, Biases.ALL, ALIBI),
        unmasked(4, 2, 3, Biases.NONE, RELATIVE));
  }

  private static AttentionConfig causal(int heads, int keyValueHeads, int headWidth, Biases biases, int window,
      AttentionPositions positions) {
    return new AttentionConfig(heads, keyValueHeads, headWidth, 0.7, biases, Masking.CAUSAL, window, positions, 0);
  }

  private static AttentionConfig unmasked(int heads, int keyValueHeads, int headWidth, Biases biases, AttentionPositions positions) {
    return new AttentionConfig(heads, keyValueHeads, headWidth, 0.7, biases, Masking.NONE, 0, positions, 0);
  }

  static AttentionWeights weights(AttentionConfig config, FiniteDifferences source) {
    return new AttentionWeights(source.weight(config.inputWidth(), WIDTH),
        config.biases().ofInputs() ? source.weight(config.inputWidth()) : null,
        source.weight(WIDTH, config.queryWidth()),
        config.biases().ofOutputs() ? source.weight(WIDTH) : null,
        config.positions() instanceof AttentionPositions.Relative relative ? source.weight(relative.buckets(), config.heads()) : null);
  }
}
