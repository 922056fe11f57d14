package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;

/**
 * What stands between the two products of a feed-forward layer: bias, activation, gate and dropout. The sums are the first product's
 * {@code [rows, inner rows]}, of a gated layer the gate's beside those that it multiplies; the hidden rows {@code [rows, ffn]} are what
 * the second product reads.
 */
public final class InnerRows {
  private final Activation activation;
  private final boolean gated;
  private final int ffn;
  private final Matrix bias;

  /** @param bias of the first product, {@code [1, inner rows]}; null for none */
  public InnerRows(FeedForwardConfig config, Matrix bias) {
    this.activation = config.activation();
    this.gated = config.kind() == FeedForwardConfig.Kind.GATED;
    this.ffn = config.inner();
    this.bias = bias == null && inPlace() ? Matrix.zeros(1, ffn) : bias;
  }

  /** Whether hidden rows replace the sums in their memory: a ReLU's backward pass needs the hidden rows only. */
  public boolean inPlace() {
    return activation == Activation.RELU && !gated;
  }

  /** Adds the bias to the sums, and makes the hidden rows; {@code firstRow} is the place of their first row among those of the masks. */
  public void forward(Matrix sums, Matrix hidden, Masks masks, int firstRow) {
    if (inPlace()) {
      ReluRows.inPlace(hidden, bias, masks, firstRow);
      return;
    }
    ActivationRows.forward(activation, sums.columns(0, ffn), bias == null ? null : bias.columns(0, ffn), hidden);
    if (gated) {
      GateRows.forward(sums.columns(ffn, 2 * ffn), bias == null ? null : bias.columns(ffn, 2 * ffn), hidden);
    }
    if (masks.applies()) {
      DropoutRows.drop(hidden, masks, firstRow);
    }
  }

  /** The columns of the sums' gradient in which {@link #backward} expects that of the hidden rows. */
  public Matrix ofHidden(Matrix gradient) {
    return gated ? gradient.columns(ffn, 2 * ffn) : gradient;
  }

  /**
   * Turns the gradient of the hidden rows into that of the sums, in place.
   *
   * @param forward the hidden rows if they are made in place, else the sums
   */
  public void backward(Matrix gradient, Matrix forward, Masks masks, int firstRow) {
    if (inPlace()) {
      ReluRows.backward(gradient, forward, masks.scale());
      return;
    }
    Matrix ofHidden = ofHidden(gradient);
    if (masks.applies()) {
      DropoutRows.drop(ofHidden, masks, firstRow);
    }
    Matrix x = forward.columns(0, ffn);
    if (!gated) {
      ActivationRows.backward(activation, gradient, x);
      return;
    }
    ThreadScratch scratch = ThreadScratch.get();
    float[] y = scratch.activated(ffn);
    float[] slope = scratch.slopes(ffn);
    for (int i = 0; i < x.rows(); i++) {
      ActivationRows.derivative(activation, x, i, y, slope);
      GateRows.backward(ofHidden.bytes(), ofHidden.place(i, 0), forward.bytes(), forward.place(i, ffn), y, slope, gradient.bytes(),
          gradient.place(i, 0), ffn);
    }
  }
}
