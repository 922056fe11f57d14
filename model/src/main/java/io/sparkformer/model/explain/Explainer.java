package io.sparkformer.model.explain;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.NetworkGraph;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.portable.PassRecord;
import io.sparkformer.model.kernel.portable.RecordingKernels;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Finds what a network attends to, and which tokens its predictions rest on. It computes in float32 with the portable kernels, without
 * dropout and without label smoothing. Used by one thread at a time.
 */
public final class Explainer {
  private final RecordingKernels kernels = new RecordingKernels();
  private final TransformerModel model;

  /** An explainer of a network with first weights; fill those of {@link #model()}. */
  public Explainer(NetworkConfig network) {
    model = TransformerModel.create(network.withoutRegularization(), kernels);
  }

  /** The network, to be filled with weights and asked for scores. */
  public TransformerModel model() {
    return model;
  }

  /** The attention weights of all layers, the encoder's first, each layer's own before those to the encoder. */
  public List<AttentionMap> attention(Reading reading) {
    AttentionRecord record = new AttentionRecord();
    recording(record, () -> model.output(new Batch(reading.encoderSequences(), reading.decoderSequences(), Map.of())));
    return record.maps();
  }

  /** What each token adds to a prediction. */
  public Saliency saliency(Prediction prediction) {
    Reading reading = prediction.reading();
    Map<String, Batch.Labels> labels = new HashMap<>();
    model.config().heads().forEach(head -> labels.put(head.name(), labels(head, prediction)));
    GradientRecord gradients = new GradientRecord();
    double[] loss = new double[1];
    recording(gradients, () -> loss[0] = model.accumulateGradient(
        new Batch(reading.encoderSequences(), reading.decoderSequences(), labels), 0).of(prediction.head()).negativeLogLikelihood());
    return new Saliency(-loss[0], saliency(gradients, NetworkGraph.ENCODER, reading.encoder()),
        saliency(gradients, NetworkGraph.DECODER, reading.decoder()));
  }

  private void recording(PassRecord record, Runnable pass) {
    kernels.recordTo(record);
    try {
      pass.run();
    } finally {
      kernels.recordTo(PassRecord.NONE);
    }
  }

  /** The prediction for its own head; for others something that does not count. */
  private static Batch.Labels labels(HeadConfig head, Prediction prediction) {
    boolean own = head.name().equals(prediction.head());
    if (head instanceof HeadConfig.Span) {
      int[] span = own ? prediction.labels() : new int[2];
      return new Batch.Labels(Nd4j.createFromArray(span).reshape(1, 2), own ? 1 : 0);
    }
    int[] labels = new int[head instanceof HeadConfig.SequenceClass ? 1 : prediction.reading().last().length];
    Arrays.fill(labels, Batch.IGNORED);
    if (own) {
      labels[prediction.row()] = prediction.labels()[0];
    }
    return Batch.Labels.of(labels);
  }

  private float[] saliency(GradientRecord gradients, String stack, int[] tokens) {
    if (tokens == null) {
      return null;
    }
    EmbeddingConfig embedding = (stack.equals(NetworkGraph.ENCODER) ? model.config().encoder() : model.config().decoder()).embedding();
    NamedParameter table = model.namedParameters().stream().filter(parameter -> parameter.name().equals(embedding.table())).findFirst()
        .orElseThrow(() -> new IllegalStateException("The network has no parameter " + embedding.table()));
    int width = model.config().width();
    float[][] lossGradient = gradients.of(stack);
    float[] saliency = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      long row = table.offset() + (long) tokens[i] * width;
      float[] values = model.parameters().get(NDArrayIndex.interval(row, row + width)).toFloatVector();
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum -= (double) lossGradient[i][j] * embedding.scale() * values[j];
      }
      saliency[i] = (float) sum;
    }
    return saliency;
  }
}
