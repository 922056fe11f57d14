package io.sparkformer.model.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.compare.HeadAgreement;
import io.sparkformer.model.kernel.compare.Sample;
import org.junit.jupiter.api.Test;

/** The kernels that end a network. */
class CpuHeadsTest extends HeadAgreement {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.FLOAT32;
  }

  /**
   * So many tokens of the vocabulary that few rows need several slabs in every precision. Few of them are probable, as in a trained
   * network: a gradient of nothing but tiny elements would be mostly the noise of stochastic rounding.
   */
  @Test
  void outputOfSeveralSlabsAgrees() {
    Sample sample = new Sample(5);
    int vocabulary = (1 << 24) / 256;
    int tokens = 600;
    assertThat(products().arithmetic().slabs(tokens, vocabulary).count()).isGreaterThan(1);
    assertOutputAgrees(sample.array(tokens, 4), sample.ids(vocabulary, tokens),
        new OutputWeights(sample.weight(2, vocabulary, 4), sample.weight(0.5, vocabulary)), 1, LossTerms.smoothing(0.1), 1);
  }
}
