package io.sparkformer.model.decode;

import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.CrossAttentionWatch;
import io.sparkformer.model.block.DecodingState;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import java.util.Arrays;
import java.util.List;

/**
 * Decoding with a network, encoder-decoder or decoder alone: inputs of different lengths are read in one pass, and then a step costs one
 * token a row, since keys and values of earlier tokens are kept. Used by one thread at a time.
 */
public final class Session implements LogitsDecoder {
  private static final int MOST_LOGITS = 1 << 29;

  private final TransformerModel model;
  private final ControlTokens control;
  private Runnable afterwards;
  private final DecoderLimits limits;
  private CrossAttentionWatch watch;
  private DecodingState state;
  /** Grows to what the largest step needs. */
  private float[] logits = new float[0];

  /** @param model stays the caller's */
  public Session(TransformerModel model, ControlTokens control) {
    this(model, control, () -> { });
  }

  /** @param afterwards runs when the session is closed: what gives a borrowed network back */
  public Session(TransformerModel model, ControlTokens control, Runnable afterwards) {
    if (model.config().decoder() == null) {
      throw new IllegalArgumentException("A network without a decoder cannot generate tokens");
    }
    this.model = model;
    this.control = control;
    this.afterwards = afterwards;
    this.limits = new DecoderLimits(model.config().vocabulary(), model.config().maxLength(), !model.config().isEncoderDecoder());
  }

  /**
   * From the next batch on, {@link #attention} tells what a layer of an encoder-decoder attends to.
   *
   * @param layer of the decoder, from 1
   */
  public Session watching(int layer) {
    int layers = model.config().decoder().layers().size();
    if (!model.config().isEncoderDecoder() || layer < 1 || layer > layers) {
      throw new IllegalArgumentException("There is no attention to a source in decoder layer %d: %s".formatted(layer,
          model.config().isEncoderDecoder() ? "the layers are 1 to " + layers : "the network is no encoder with a decoder"));
    }
    watch = model.decoding().watch(layer - 1);
    return this;
  }

  @Override
  public float[] attention(int row) {
    return watch == null ? null : watch.weights(row);
  }

  @Override
  public DecoderLimits limits() {
    return limits;
  }

  @Override
  public NextTokens start(List<int[]> inputs, int k) {
    return model.decoding().extend(opened(inputs), state, k, control.end());
  }

  @Override
  public NextTokens step(int[] tokens, int[] parents, int k) {
    return model.decoding().extend(selected(tokens, parents), state, k, control.end());
  }

  @Override
  public float[] startLogits(List<int[]> inputs) {
    return logits(opened(inputs));
  }

  @Override
  public float[] stepLogits(int[] tokens, int[] parents) {
    return logits(selected(tokens, parents));
  }

  private float[] logits(Sequences next) {
    long needed = (long) state.rows() * limits.vocabulary();
    if (needed > MOST_LOGITS) {
      throw new IllegalArgumentException("Too many texts at a time: %d of a vocabulary of %d tokens (at most %d)".formatted(state.rows(),
          limits.vocabulary(), MOST_LOGITS / limits.vocabulary()));
    }
    if (logits.length < needed) {
      logits = new float[(int) needed];
    }
    model.decoding().logits(next, state, logits);
    return logits;
  }

  /** A new batch; returns what the decoder reads first. */
  private Sequences opened(List<int[]> inputs) {
    forget();
    if (model.config().isEncoderDecoder()) {
      state = model.decoding().open(Sequences.pack(inputs.stream().map(this::withEnd).toList(), 0), inputs.size(), watch);
      int[] begins = new int[inputs.size()];
      Arrays.fill(begins, control.begin());
      return Sequences.ofSingleTokens(begins);
    }
    state = model.decoding().open(null, inputs.size());
    return Sequences.pack(inputs, 0);
  }

  /** Gives rows the histories of their parents; returns what the decoder reads next. */
  private Sequences selected(int[] tokens, int[] parents) {
    if (state == null) {
      throw new IllegalStateException("Call start before step");
    }
    state.select(parents);
    return Sequences.ofSingleTokens(tokens);
  }

  @Override
  public void close() {
    forget();
    afterwards.run();
    afterwards = () -> { };
  }

  private void forget() {
    if (state != null) {
      state.close();
      state = null;
    }
  }

  private int[] withEnd(int[] sentence) {
    int[] ended = Arrays.copyOf(sentence, sentence.length + 1);
    ended[sentence.length] = control.end();
    return ended;
  }
}
