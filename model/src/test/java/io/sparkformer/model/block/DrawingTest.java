package io.sparkformer.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Initialization;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Deviations are those of the {@code _init_weights} of Hugging Face's classes. */
class DrawingTest {
  private static final double FIVE_PER_CENT = 0.05;

  @Test
  void t5DrawsByTheWidthOfWhatIsRead() {
    Drawing drawing = new Drawing(Initialization.FAN_IN, 6, 1);
    // T5PreTrainedModel: q (d_model * d_kv)^-0.5, k and v d_model^-0.5, o (heads * d_kv)^-0.5, wi d_model^-0.5, wo d_ff^-0.5.
    INDArray projection = drawn(drawing.projection("p", 3 * 128, 256, 128, 16));
    assertDeviation(rows(projection, 0, 128), 1 / Math.sqrt(256 * 16));
    assertDeviation(rows(projection, 128, 384), 1 / Math.sqrt(256));
    assertDeviation(drawn(drawing.residualMatrix("o", 256, 128)), 1 / Math.sqrt(128));
    assertDeviation(drawn(drawing.relativePositions("r", 128, 32, 256)), 1 / Math.sqrt(256));
    assertDeviation(drawn(drawing.table("t", 200, 64, 0)), 1);
  }

  @Test
  void normalFamiliesHaveOneDeviationAndNoEmbeddingOfPadding() {
    Drawing drawing = new Drawing(Initialization.normal(0.03), 6, 1);
    INDArray table = drawn(drawing.table("t", 200, 64, 3));
    assertThat(rows(table, 3, 4).norm1Number().doubleValue()).isZero();
    assertDeviation(rows(table, 4, 200), 0.03);
    assertDeviation(drawn(drawing.projection("p", 384, 256, 128, 16)), 0.03);
    assertDeviation(drawn(drawing.residualMatrix("o", 256, 128)), 0.03);
    assertDeviation(drawn(new Drawing(Initialization.normalWithScaledResiduals(0.02), 8, 1).residualMatrix("o", 256, 128)), 0.02 / 4);
  }

  private static INDArray drawn(Parameter parameter) {
    INDArray view = Nd4j.create(parameter.shape());
    parameter.initialize(view, 5);
    return view;
  }

  private static INDArray rows(INDArray matrix, int from, int to) {
    return matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  private static void assertDeviation(INDArray values, double deviation) {
    assertThat(values.stdNumber(false).doubleValue()).isCloseTo(deviation, within(FIVE_PER_CENT * deviation));
    assertThat(values.meanNumber().doubleValue()).isCloseTo(0, within(FIVE_PER_CENT * deviation));
  }
}
