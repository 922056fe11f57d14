package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.TopTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** A decoder for {@link BeamSearch} whose log-probabilities {@link TokenRules} change, as Hugging Face's {@code generate} changes them. */
public final class RuledDecoder implements StepDecoder {

  private final LogitsDecoder decoder;
  private final TokenRules rules;
  private final ControlTokens control;
  private final float[] scores;
  private final BitSet penalized;
  /** Of every row, the tokens before its next one. */
  private List<int[]> texts = List.of();
  private int[] before = new int[0];

  /** @param decoder stays the caller's to close */
  public RuledDecoder(LogitsDecoder decoder, TokenRules rules, ControlTokens control) {
    this.decoder = decoder;
    this.rules = rules;
    this.control = control;
    this.scores = new float[decoder.vocabularySize()];
    this.penalized = new BitSet(decoder.vocabularySize());
  }

  @Override
  public int vocabularySize() {
    return decoder.vocabularySize();
  }

  @Override
  public int maxInput() {
    return decoder.maxInput();
  }

  @Override
  public int maxNewTokens(int inputTokens) {
    return decoder.maxNewTokens(inputTokens);
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    texts = decoder.continuesInput() ? inputs : inputs.stream().map(input -> new int[] {control.begin()}).toList();
    before = texts.stream().mapToInt(text -> text.length).toArray();
    return ruled(decoder.startLogits(inputs), k);
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    List<int[]> longer = new ArrayList<>(tokens.length);
    int[] longerBefore = new int[tokens.length];
    for (int row = 0; row < tokens.length; row++) {
      int[] text = texts.get(parents[row]);
      int[] extended = Arrays.copyOf(text, text.length + 1);
      extended[text.length] = tokens[row];
      longer.add(extended);
      longerBefore[row] = before[parents[row]];
    }
    texts = longer;
    before = longerBefore;
    return ruled(decoder.stepLogits(tokens, parents), k);
  }

  private NextTokens ruled(float[] logits, int k) {
    TopTokens top = new TopTokens(texts.size(), k, control.end());
    int vocabulary = scores.length;
    for (int row = 0; row < texts.size(); row++) {
      System.arraycopy(logits, row * vocabulary, scores, 0, vocabulary);
      float normalizer = (float) logNormalizer();
      for (int token = 0; token < vocabulary; token++) {
        scores[token] -= normalizer;
      }
      int[] text = texts.get(row);
      rules.apply(scores, text, text.length, text.length - before[row], control.end(), penalized);
      top.row(row, scores, 0, vocabulary, 0);
    }
    return top.nextTokens();
  }

  /** Of {@link #scores}. */
  private double logNormalizer() {
    float max = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      max = Math.max(max, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - max);
    }
    return max + Math.log(sum);
  }

  @Override
  public void close() {
    texts = List.of();
  }
}
