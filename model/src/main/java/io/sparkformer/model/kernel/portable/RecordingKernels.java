package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Portable kernels that tell a {@link PassRecord} what no other kernels keep: attention weights, which are computed once more for it, and
 * the gradients of embeddings.
 */
public final class RecordingKernels extends Nd4jKernels {
  private PassRecord record = PassRecord.NONE;
  private String vertex;

  /** Tells this record, and no other, of the passes that follow. */
  public void recordTo(PassRecord of) {
    record = of;
  }

  @Override
  public void enter(String name) {
    vertex = name;
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    Nd4jAttention kernel = (Nd4jAttention) super.attention(weights, config, dropout);
    return new RecordedAttention(kernel, (reads, ofSequences) -> record.attention(vertex, reads, ofSequences));
  }

  @Override
  public EmbeddingKernel embedding(EmbeddingWeights weights, EmbeddingConfig config, int maxLength, Dropout dropout) {
    EmbeddingKernel kernel = super.embedding(weights, config, maxLength, dropout);
    return (ids, types, segments, firstPositions, pass, space) -> {
      Forward forward = kernel.forward(ids, types, segments, firstPositions, pass, space);
      return pass.isTraining() ? new Forward(forward.output(), recorded(forward.backward())) : forward;
    };
  }

  private Backward recorded(Backward backward) {
    Consumer<INDArray> receiver = record.embedding(vertex);
    return (outputGradient, space) -> {
      receiver.accept(outputGradient);
      return backward.run(outputGradient, space);
    };
  }
}
