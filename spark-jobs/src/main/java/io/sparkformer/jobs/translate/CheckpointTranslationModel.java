package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.StepDecoder;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** The network and the tokenizer of a model's folder. */
final class CheckpointTranslationModel implements TranslationModel {

  private final SharedModel model;
  private final ControlTokens control;
  private final String prefix;

  private CheckpointTranslationModel(SharedModel model, ControlTokens control, String prefix) {
    this.model = model;
    this.control = control;
    this.prefix = prefix;
  }

  /**
   * A model's folder as a source.
   *
   * @param control what the decoder reads first, what ends a translation, and what is never part of one
   * @param prefix what stands before every sentence
   */
  record Source(ModelLocation location, ControlTokens control, String prefix) implements TranslationModelSource {

    private static final long serialVersionUID = 1L;

    @Override
    public List<Path> files() {
      return location.files();
    }

    @Override
    public TranslationModel load() {
      return new CheckpointTranslationModel(SharedModel.of(location), control, prefix);
    }
  }

  @Override
  public List<int[]> encode(List<String> sentences) {
    return model.tokenizer().encode(prefix.isEmpty() ? sentences : sentences.stream().map(prefix::concat).toList());
  }

  @Override
  public String decode(int[] tokens) {
    return model.tokenizer().decode(tokens);
  }

  @Override
  public ControlTokens control() {
    return control;
  }

  @Override
  public StepDecoder newDecoder() {
    return new Borrowed(model, control);
  }

  /** A decoder that gives its network back when it is closed. */
  private static final class Borrowed implements StepDecoder {

    private final SharedModel lender;
    private final TransformerModel network;
    private final StepDecoder decoder;

    Borrowed(SharedModel lender, ControlTokens control) {
      this.lender = lender;
      this.network = lender.borrow();
      this.decoder = new Session(network, control);
    }

    @Override
    public int vocabularySize() {
      return decoder.vocabularySize();
    }

    @Override
    public int maxInput() {
      return decoder.maxInput();
    }

    @Override
    public int maxNewTokens(int inputTokens) {
      return decoder.maxNewTokens(inputTokens);
    }

    @Override
    public NextTokens start(List<int[]> inputs, int k) {
      return decoder.start(inputs, k);
    }

    @Override
    public NextTokens step(int[] tokens, int[] parents, int k) {
      return decoder.step(tokens, parents, k);
    }

    @Override
    public void close() {
      decoder.close();
      lender.giveBack(network);
    }
  }
}
