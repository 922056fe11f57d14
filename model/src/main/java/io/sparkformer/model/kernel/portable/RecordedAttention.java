package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention that offers its weights to a record in every forward pass; decoding is not recorded.
 *
 * @param record receives what the attention reads, and what computes its weights
 */
record RecordedAttention(Nd4jAttention kernel, BiConsumer<PassRecord.Reads, Supplier<List<float[][][]>>> record)
    implements AttentionKernel {
  @Override
  public Forward forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass, Space space) {
    record.accept(query == memory ? PassRecord.Reads.ITS_OWN : PassRecord.Reads.THE_ENCODER,
        () -> kernel.weights(query, querySegments, memory, memorySegments));
    return kernel.forward(query, querySegments, memory, memorySegments, pass, space);
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return kernel.emptyCache(rows);
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    return kernel.cacheOf(memory, segments);
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    return kernel.extend(x, segments, cache, space);
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    return kernel.look(x, segments, cache, space);
  }
}
