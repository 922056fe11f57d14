package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import io.sparkformer.model.kernel.cpu.rows.LogSoftmax;
import java.util.Arrays;
import java.util.List;

/** Several networks with one vocabulary as one decoder: the probability of a token is the mean of those that they give it. */
public final class EnsembleDecoder implements LogitsDecoder {
  private final List<LogitsDecoder> members;
  private final DecoderLimits limits;
  private final RuledDecoder best;
  private final float[] lanes = new float[Lanes.COUNT];
  private int rows;
  /** Of all rows and tokens: grows to what the largest step needs. */
  private float[] probabilities = new float[0];

  /** @param members are closed with the ensemble */
  public EnsembleDecoder(List<? extends LogitsDecoder> members, ControlTokens control) {
    this.members = List.copyOf(members);
    DecoderLimits first = members.get(0).limits();
    int longest = first.longest();
    for (LogitsDecoder member : members) {
      if (member.limits().vocabulary() != first.vocabulary() || member.limits().continuesInput() != first.continuesInput()) {
        throw new IllegalArgumentException("Networks that decode together need the same vocabulary and be of the same kind: found %s and %s"
            .formatted(first, member.limits()));
      }
      longest = Math.min(longest, member.limits().longest());
    }
    this.limits = new DecoderLimits(first.vocabulary(), longest, first.continuesInput());
    this.best = new RuledDecoder(this, TokenRules.NONE, RuledDecoder.Penalized.LOG_PROBABILITIES, control);
  }

  @Override
  public DecoderLimits limits() {
    return limits;
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    return best.start(inputs, k);
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    return best.step(tokens, parents, k);
  }

  @Override
  public float[] startLogits(List<int[]> inputs) {
    begin(inputs.size());
    for (LogitsDecoder member : members) {
      add(member.startLogits(inputs));
    }
    return logarithms();
  }

  @Override
  public float[] stepLogits(int[] tokens, int[] parents) {
    begin(tokens.length);
    for (LogitsDecoder member : members) {
      add(member.stepLogits(tokens, parents));
    }
    return logarithms();
  }

  private void begin(int ofRows) {
    rows = ofRows;
    int needed = Math.multiplyExact(rows, limits.vocabulary());
    if (probabilities.length < needed) {
      probabilities = new float[needed];
    }
    Arrays.fill(probabilities, 0, needed, 0);
  }

  private void add(float[] logits) {
    int vocabulary = limits.vocabulary();
    for (int row = 0; row < rows; row++) {
      double normalizer = LogSoftmax.normalizer(logits, row * vocabulary, vocabulary, lanes);
      LogSoftmax.addProbabilities(logits, row * vocabulary, vocabulary, normalizer, probabilities);
    }
  }

  private float[] logarithms() {
    int count = rows * limits.vocabulary();
    for (int i = 0; i < count; i++) {
      probabilities[i] = (float) Math.log(probabilities[i] / members.size());
    }
    return probabilities;
  }

  /** The mean of what the members attend to. */
  @Override
  public float[] attention(int row) {
    float[] mean = null;
    for (LogitsDecoder member : members) {
      float[] weights = member.attention(row);
      if (weights == null) {
        return null;
      }
      mean = mean == null ? new float[weights.length] : mean;
      for (int i = 0; i < mean.length; i++) {
        mean[i] += weights[i] / members.size();
      }
    }
    return mean;
  }

  @Override
  public void close() {
    members.forEach(LogitsDecoder::close);
  }
}
