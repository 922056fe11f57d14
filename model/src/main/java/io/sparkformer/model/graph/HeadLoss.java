package io.sparkformer.model.graph;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layer inside {@link HeadVertex}, to which all settings belong. */
public final class HeadLoss extends LossLayer {
  private static final long serialVersionUID = 1L;

  /** For JSON. */
  HeadLoss() {}

  HeadLoss(String name) {
    setLayerName(name);
  }

  @Override
  public Layer instantiate(NeuralNetConfiguration conf, Collection<TrainingListener> listeners, int index, INDArray view,
      boolean initialize, DataType type) {
    return new HeadLossLayer(conf, index, type);
  }
}
