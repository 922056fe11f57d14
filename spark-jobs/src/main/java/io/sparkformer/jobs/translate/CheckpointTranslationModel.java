package io.sparkformer.jobs.translate;

import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.EnsembleDecoder;
import io.sparkformer.model.decode.LogitsDecoder;
import io.sparkformer.model.decode.Session;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** The networks and the tokenizer of models' folders. */
final class CheckpointTranslationModel implements TranslationModel {

  private final List<SharedModel> models;
  private final ControlTokens control;
  private final String prefix;
  private final int unknown;

  private CheckpointTranslationModel(List<SharedModel> models, ControlTokens control, String prefix, int unknown) {
    this.models = models;
    this.control = control;
    this.prefix = prefix;
    this.unknown = unknown;
  }

  /**
   * Folders of models as a source.
   *
   * @param locations of one model, or of several that translate together; the tokenizer is that of the first
   * @param control what the decoder reads first, what ends a translation, and what is never part of one
   * @param prefix what stands before every sentence
   * @param unknown the token for text that the vocabulary lacks; negative for none
   */
  record Source(List<ModelLocation> locations, ControlTokens control, String prefix, int unknown) implements TranslationModelSource {

    private static final long serialVersionUID = 1L;

    Source {
      locations = List.copyOf(locations);
    }

    @Override
    public List<Path> files() {
      return locations.stream().flatMap(location -> location.files().stream()).toList();
    }

    @Override
    public TranslationModel load() {
      return new CheckpointTranslationModel(locations.stream().map(SharedModel::of).toList(), control, prefix, unknown);
    }
  }

  private Tokenizer tokenizer() {
    return models.get(0).tokenizer();
  }

  @Override
  public List<int[]> encode(List<String> sentences) {
    return tokenizer().encode(withPrefix(sentences));
  }

  private List<String> withPrefix(List<String> sentences) {
    return prefix.isEmpty() ? sentences : sentences.stream().map(prefix::concat).toList();
  }

  @Override
  public List<int[]> encodeTarget(List<String> texts) {
    return tokenizer().encodeTarget(texts);
  }

  @Override
  public List<String[]> pieces(List<String> sentences) {
    return tokenizer().pieces(withPrefix(sentences));
  }

  @Override
  public int unknown() {
    return unknown;
  }

  @Override
  public String decode(int[] tokens) {
    return tokenizer().decode(tokens);
  }

  @Override
  public ControlTokens control() {
    return control;
  }

  @Override
  public LogitsDecoder newDecoder(int watchedLayer) {
    List<Session> sessions = models.stream().map(model -> model.session(control)).toList();
    if (watchedLayer > 0) {
      sessions.forEach(session -> session.watching(watchedLayer));
    }
    return sessions.size() == 1 ? sessions.get(0) : new EnsembleDecoder(sessions, control);
  }
}
