package io.sparkformer.jobs.translate;

import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.LogitsDecoder;
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
  public LogitsDecoder newDecoder() {
    return model.session(control);
  }
}
