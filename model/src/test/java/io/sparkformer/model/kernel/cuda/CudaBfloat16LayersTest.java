package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.compare.LayerAgreement;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** With bfloat16 products. */
class CudaBfloat16LayersTest extends LayerAgreement {
  @Override
  protected CudaUnderTest products() {
    return CudaUnderTest.BFLOAT16;
  }

  /** Rounding is the same at all sizes. */
  protected static Stream<Arguments> sizes() {
    return Stream.of(Arguments.of(1, 4), Arguments.of(37, 58));
  }
}
