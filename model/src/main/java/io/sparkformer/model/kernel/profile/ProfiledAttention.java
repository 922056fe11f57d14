package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The passes of attention, and its decoding steps. */
record ProfiledAttention(AttentionKernel kernel, KernelProfile profile) implements AttentionKernel {
  private static final String KIND = "attention";

  @Override
  public Forward forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass, Space space) {
    return ProfiledKernels.timed(profile, KIND, () -> kernel.forward(query, querySegments, memory, memorySegments, pass, space));
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return kernel.emptyCache(rows);
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    return profile.forward(KIND, () -> kernel.cacheOf(memory, segments));
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    return profile.forward(KIND, () -> kernel.extend(x, segments, cache, space));
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    return profile.forward(KIND, () -> kernel.look(x, segments, cache, space));
  }
}
