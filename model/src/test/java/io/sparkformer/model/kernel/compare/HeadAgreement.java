package io.sparkformer.model.kernel.compare;

import static io.sparkformer.model.kernel.compare.Sample.exact;
import static io.sparkformer.model.kernel.compare.Sample.frozen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.SpanLoss;
import io.sparkformer.model.kernel.SquaredError;
import io.sparkformer.model.kernel.Weight;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The kernels that end a network against the portable ones: vocabularies, few classes, spans. */
public abstract class HeadAgreement extends KernelComparison {
  @ParameterizedTest
  @MethodSource("sizes")
  void outputAgrees(int tokens, int width) {
    Sample sample = new Sample(tokens * 41L + width);
    int vocabulary = 5 * width + 3;
    INDArray x = sample.array(tokens, width);
    INDArray labels = sample.ids(vocabulary, tokens);
    INDArray some = sample.labels(vocabulary, tokens, 0.85);
    Weight table = sample.weight(0.5, vocabulary, width);
    Weight bias = sample.weight(0.5, vocabulary);
    for (LossTerms terms : List.of(LossTerms.NONE, LossTerms.smoothing(0.1), new LossTerms(0, 0.1), new LossTerms(0.1, 0.01))) {
      assertOutputAgrees(x, labels, new OutputWeights(table, null), 1, terms, 1);
      assertOutputAgrees(x, some, new OutputWeights(table, bias), 1, terms, 1);
      assertOutputAgrees(x, some, new OutputWeights(table, frozen(bias)), Math.pow(width, -0.5), terms, 0.25);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void fewClassesAgree(int classes) {
    for (int rows : new int[] {1, 31, 300}) {
      Sample sample = new Sample(classes);
      INDArray x = sample.array(rows, 40);
      OutputWeights weights = new OutputWeights(sample.weight(0.5, classes, 40), sample.weight(0.5, classes));
      assertOutputAgrees(x, sample.labels(classes, rows, 0.2), weights, 1, LossTerms.NONE, 1);
      assertOutputAgrees(x, sample.ids(classes, rows), weights, 1, LossTerms.NONE, 2);
    }
  }

  protected void assertOutputAgrees(INDArray x, INDArray labels, OutputWeights weights, double scale, LossTerms terms, double weight) {
    OutputWeights exact = new OutputWeights(exact(weights.table()), exact(weights.bias()));
    OutputKernel found = fast.output(weights, scale, terms);
    OutputKernel expected = portable.output(exact, scale, terms);
    int width = (int) x.size(1);
    int rows = (int) x.size(0);
    int classes = (int) weights.table().value().size(0);
    assertClose("logits", found.logits(x, SPACE), expected.logits(exact(x), SPACE), width);
    assertSameLoss(found.loss(x, labels), expected.loss(exact(x), labels));
    OutputKernel.Result result = found.lossAndGradient(x, labels, weight, SPACE);
    OutputKernel.Result wanted = expected.lossAndGradient(exact(x), labels, weight, SPACE);
    assertThat(fast.memory().used()).isZero();
    assertSameLoss(result.loss(), wanted.loss());
    assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), width + classes);
    assertSameGradient("table", weights.table(), exact.table(), width + rows);
    assertSameGradient("bias", weights.bias(), exact.bias(), width + rows);
  }

  @Test
  void rowsWithoutALabelChangeNothingAndHaveNoGradient() {
    Sample sample = new Sample(6);
    Weight table = sample.weight(0.5, 77, 20);
    Weight other = new Weight(table.value(), table.gradient().dup('c'));
    INDArray x = sample.array(5, 20);
    INDArray labelled = Nd4j.vstack(x.getRow(1, true), x.getRow(4, true)).dup('c');
    OutputKernel.Result some = fast.output(new OutputWeights(table, null), 1, LossTerms.smoothing(0.1))
        .lossAndGradient(x, Nd4j.createFromArray(-1, 7, -100, -1, 50), 1, SPACE);
    OutputKernel.Result alone = fast.output(new OutputWeights(other, null), 1, LossTerms.smoothing(0.1))
        .lossAndGradient(labelled, Nd4j.createFromArray(7, 50), 1, SPACE);
    assertThat(some.loss()).isEqualTo(alone.loss());
    assertThat(values(gradient(table))).isEqualTo(values(gradient(other)));
    assertThat(values(some.inputGradient().getRow(4))).isEqualTo(values(alone.inputGradient().getRow(1)));
    assertThat(values(some.inputGradient().getRow(2))).containsOnly(0);
    float[] before = values(gradient(table));
    OutputKernel.Result none = fast.output(new OutputWeights(table, null), 1, LossTerms.smoothing(0.1))
        .lossAndGradient(x, Nd4j.createFromArray(-1, -1, -1, -1, -1), 1, SPACE);
    assertThat(none.loss()).isEqualTo(Loss.ZERO);
    assertThat(values(none.inputGradient())).containsOnly(0);
    assertThat(values(gradient(table))).isEqualTo(before);
  }

  @Test
  void outputNamesLabelsThatAreNoClass() {
    OutputKernel kernel = fast.output(new OutputWeights(new Sample(1).weight(1, 3, 4), null), 1, LossTerms.NONE);
    assertThatThrownBy(() -> kernel.loss(new Sample(1).array(2, 4), Nd4j.createFromArray(2, 3)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("Label 3 at row 1 is outside the 3 classes");
    assertThatThrownBy(() -> kernel.loss(new Sample(1).array(2, 4), Nd4j.createFromArray(1, 1, 1)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("There must be one label for each row: rows=2, labels=3");
  }

  /** The portable kernels are asked in float32 values: {@link NextTokens} holds no others. */
  @ParameterizedTest
  @ValueSource(ints = {1, 17})
  void nextTokensAreTheLargestLogits(int rows) {
    Sample sample = new Sample(rows);
    int vocabulary = 2050;
    OutputWeights weights = new OutputWeights(sample.weight(0.3, vocabulary, 24), sample.weight(0.5, vocabulary));
    OutputKernel kernel = fast.output(weights, 0.5, LossTerms.smoothing(0.1));
    INDArray x = sample.array(rows, 24);
    NextTokens next = kernel.nextTokens(x, 3, 11);
    INDArray logits = kernel.logits(x, SPACE);
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int token = 0; token < vocabulary; token++) {
        sum += Math.exp(logits.getDouble(row, token));
      }
      assertThat((double) next.endLogProbability(row)).isCloseTo(logits.getDouble(row, 11) - Math.log(sum), offset());
      float previous = Float.POSITIVE_INFINITY;
      for (int rank = 0; rank < 3; rank++) {
        float logit = logits.getFloat(row, next.token(row, rank));
        assertThat((double) next.logProbability(row, rank)).isCloseTo(logit - Math.log(sum), offset());
        assertThat(logit).isLessThanOrEqualTo(previous);
        previous = logit;
      }
      float third = previous;
      int r = row;
      assertThat(IntStream.range(0, vocabulary).filter(token -> logits.getFloat(r, token) > third)).hasSize(2);
    }
    assertThat(fast.memory().used()).isZero();
  }

  private static Offset<Double> offset() {
    return within(1e-4);
  }

  @Test
  void spansAgree() {
    Segments segments = Segments.ofLengths(7, 3, 1, 40, 270);
    scoresAgree(2, segments.tokens(), new SpanLoss(segments, new int[][] {{0, 2}, {0, 0}, {39, 13}, {200, 269}}));
  }

  @Test
  void valuesAgree() {
    scoresAgree(1, 1, new SquaredError(0.3f));
    scoresAgree(1, 5, new SquaredError(0.3f, -2, Float.NaN, 0, 4));
    float[] values = new float[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    scoresAgree(1, values.length, new SquaredError(values));
  }

  private void scoresAgree(int scores, int rows, ScoreLoss loss) {
    for (int width : new int[] {5, 2 * LANES + 3}) {
      Sample sample = new Sample(width);
      INDArray x = sample.array(rows, width);
      OutputWeights weights = new OutputWeights(sample.weight(0.5, scores, width), sample.weight(0.5, scores));
      OutputWeights exact = new OutputWeights(exact(weights.table()), exact(weights.bias()));
      ScoreKernel found = fast.scores(weights);
      ScoreKernel expected = portable.scores(exact);
      assertClose("logits", found.logits(x, SPACE), expected.logits(exact(x), SPACE), width);
      assertSameLoss(found.loss(x, loss), expected.loss(exact(x), loss));
      OutputKernel.Result result = found.lossAndGradient(x, loss, 0.5, SPACE);
      OutputKernel.Result wanted = expected.lossAndGradient(exact(x), loss, 0.5, SPACE);
      assertThat(fast.memory().used()).isZero();
      assertSameLoss(result.loss(), wanted.loss());
      assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), width);
      assertSameGradient("weights", weights.table(), exact.table(), rows);
      assertSameGradient("bias", weights.bias(), exact.bias(), rows);
    }
  }
}
