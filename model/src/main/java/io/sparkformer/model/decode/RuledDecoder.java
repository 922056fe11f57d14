package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.TopTokens;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import io.sparkformer.model.kernel.cpu.rows.LogSoftmax;
import java.util.BitSet;
import java.util.List;

/** A decoder for {@link BeamSearch} whose log-probabilities {@link TokenRules} change. It looks at the logits of all tokens. */
final class RuledDecoder implements StepDecoder {

  /** What a repetition penalty is for: Hugging Face's beam search applies it to log-probabilities, its greedy search to logits. */
  enum Penalized { LOGITS, LOG_PROBABILITIES }

  private final LogitsDecoder decoder;
  private final TokenRules rules;
  private final Penalized penalized;
  private final ControlTokens control;
  private final RowTexts texts = new RowTexts();
  private final BitSet seen;
  private final float[] lanes = new float[Lanes.COUNT];
  /** Of the last step: scores of all rows, and what is subtracted from those of a row to get log-probabilities. */
  private float[] scores = new float[0];
  private double[] normalizers = new double[0];

  /** @param decoder stays the caller's to close */
  RuledDecoder(LogitsDecoder decoder, TokenRules rules, Penalized penalized, ControlTokens control) {
    this.decoder = decoder;
    this.rules = rules;
    this.penalized = penalized;
    this.control = control;
    this.seen = new BitSet(decoder.limits().vocabulary());
  }

  @Override
  public DecoderLimits limits() {
    return decoder.limits();
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    texts.start(limits().continuesInput() ? inputs : inputs.stream().map(input -> new int[] {control.begin()}).toList());
    return ruled(decoder.startLogits(inputs), k);
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    texts.extend(tokens, parents);
    return ruled(decoder.stepLogits(tokens, parents), k);
  }

  /** Log-probability of any token after a row of the last step. */
  float logProbability(int row, int token) {
    return (float) (scores[row * limits().vocabulary() + token] - normalizers[row]);
  }

  @Override
  public float[] attention(int row) {
    return decoder.attention(row);
  }

  private NextTokens ruled(float[] logits, int k) {
    TopTokens top = new TopTokens(texts.rows(), k, control.end());
    int vocabulary = limits().vocabulary();
    scores = logits;
    if (normalizers.length < texts.rows()) {
      normalizers = new double[texts.rows()];
    }
    for (int row = 0; row < texts.rows(); row++) {
      int from = row * vocabulary;
      normalizers[row] = LogSoftmax.normalizer(logits, from, vocabulary, lanes);
      rules.apply(logits, from, penalized == Penalized.LOGITS ? 0 : normalizers[row], texts.tokens(row), texts.length(row),
          texts.newTokens(row), control, seen);
      top.row(row, logits, from, vocabulary, normalizers[row]);
    }
    return top.nextTokens();
  }

  @Override
  public void close() {
    texts.start(List.of());
  }
}
