package io.sparkformer.model.decode;

import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.DecodingState;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decoding with a network, encoder-decoder or decoder alone: inputs of different lengths are read in one pass, and then a step costs one
 * token a row, since keys and values of earlier tokens are kept. Used by one thread at a time.
 */
public final class Session implements StepDecoder {
  private final TransformerModel model;
  private final ControlTokens control;
  private DecodingState state;

  public Session(TransformerModel model, ControlTokens control) {
    if (model.config().decoder() == null) {
      throw new IllegalArgumentException("A network without a decoder cannot generate tokens");
    }
    this.model = model;
    this.control = control;
  }

  @Override
  public int vocabularySize() {
    return model.config().vocabulary();
  }

  @Override
  public int maxInput() {
    return model.config().maxLength() - 1;
  }

  @Override
  public int maxNewTokens(int inputTokens) {
    return model.config().isEncoderDecoder() ? model.config().maxLength() - 1 : model.config().maxLength() - inputTokens;
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    close();
    Sequences prompts;
    if (model.config().isEncoderDecoder()) {
      state = model.decoding().open(Sequences.pack(inputs.stream().map(this::withEnd).toList(), 0), inputs.size());
      prompts = Sequences.pack(oneEach(inputs.size()), 0);
    } else {
      state = model.decoding().open(null, inputs.size());
      prompts = Sequences.pack(inputs, 0);
    }
    return model.decoding().extend(prompts, state, k, control.end());
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    if (state == null) {
      throw new IllegalStateException("Call start before step");
    }
    state.select(parents);
    Sequences next = Sequences.pack(Arrays.stream(tokens).mapToObj(token -> new int[] {token}).toList(), 0);
    return model.decoding().extend(next, state, k, control.end());
  }

  @Override
  public void close() {
    if (state != null) {
      state.close();
      state = null;
    }
  }

  private List<int[]> oneEach(int rows) {
    List<int[]> begins = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      begins.add(new int[] {control.begin()});
    }
    return begins;
  }

  private int[] withEnd(int[] sentence) {
    int[] ended = Arrays.copyOf(sentence, sentence.length + 1);
    ended[sentence.length] = control.end();
    return ended;
  }
}
