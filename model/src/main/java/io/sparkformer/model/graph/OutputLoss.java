package io.sparkformer.model.graph;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layer inside {@link OutputVertex}: DL4J wants the loss of a graph in an output layer. All settings are the vertex's. */
public final class OutputLoss extends LossLayer {
  private static final long serialVersionUID = 1L;

  OutputLoss() {
    setLayerName(OutputVertex.NAME);
  }

  @Override
  public Layer instantiate(NeuralNetConfiguration conf, Collection<TrainingListener> listeners, int index, INDArray view,
      boolean initialize, DataType type) {
    return new OutputLossLayer(conf, index, type);
  }
}
