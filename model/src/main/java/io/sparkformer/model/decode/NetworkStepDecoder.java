package io.sparkformer.model.decode;

import io.sparkformer.model.graph.IncrementalDecoder;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import java.util.Arrays;
import java.util.List;

/** The decoder of a trained network, one token at a time, with keys and values kept. */
public final class NetworkStepDecoder implements StepDecoder {
  private final TransformerModel model;
  private final IncrementalDecoder decoder;
  private final ControlTokens control;

  public NetworkStepDecoder(TransformerModel model, ControlTokens control) {
    this.model = model;
    this.decoder = new IncrementalDecoder(model);
    this.control = control;
  }

  @Override
  public int vocabularySize() {
    return model.config().vocabulary();
  }

  @Override
  public int maxLength() {
    return model.config().maxLength();
  }

  @Override
  public void start(List<int[]> sources) {
    decoder.start(sources.stream().map(this::withEnd).toList());
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    return decoder.step(tokens, parents, k, control.end());
  }

  @Override
  public void close() {
    decoder.close();
  }

  private int[] withEnd(int[] sentence) {
    int[] ended = Arrays.copyOf(sentence, sentence.length + 1);
    ended[sentence.length] = control.end();
    return ended;
  }
}
