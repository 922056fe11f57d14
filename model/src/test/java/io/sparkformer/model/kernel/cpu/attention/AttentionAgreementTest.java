package io.sparkformer.model.kernel.cpu.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.compare.AttentionAgreement;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.ProductsUnderTest;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Attention of every configuration, forward, backward and in decoding. */
class AttentionAgreementTest extends AttentionAgreement {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.FLOAT32;
  }

  /** A step's row gets the bits that it gets in a prompt, alone or among others, whatever rows are selected. */
  @ParameterizedTest
  @MethodSource("causal")
  void promptsStepsAndSelectedRowsGiveTheSameBits(AttentionConfig config) {
    Sample sample = new Sample(11);
    AttentionKernel kernel = fast.attention(weights(config, sample), config, Dropout.NONE);
    int length = 3 * LANES + 5;
    INDArray x = sample.array(length, WIDTH);
    float[] together = values(kernel.extend(x, Segments.ofLengths(0, length), kernel.emptyCache(1), SPACE));
    KeyValueCache cache = kernel.emptyCache(2);
    for (int i = 0; i < length; i++) {
      int row = i % 2;
      INDArray other = sample.array(1, WIDTH);
      INDArray step = Nd4j.vstack(row == 0 ? x.getRows(i) : other, row == 0 ? other : x.getRows(i));
      float[] found = values(kernel.extend(step, Segments.ofLengths(0, 1, 1), cache, SPACE));
      assertThat(Arrays.copyOfRange(found, row * WIDTH, (row + 1) * WIDTH)).as("position %d", i)
          .isEqualTo(Arrays.copyOfRange(together, i * WIDTH, (i + 1) * WIDTH));
      cache.select(row == 0 ? new int[] {0, 0} : new int[] {1, 0});
    }
  }
}
