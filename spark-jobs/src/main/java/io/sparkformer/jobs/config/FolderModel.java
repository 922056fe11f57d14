package io.sparkformer.jobs.config;

import io.sparkformer.model.architecture.InvalidValueException;
import io.sparkformer.model.architecture.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The network of a model folder that is trained further ({@code train.from}), with what the user sets over it: what training alone reads,
 * as dropout and label smoothing. What base.conf says counts for nothing.
 *
 * @param config of the folder, changed
 * @param unread settings of {@code model} that the user gave and that do not count, since the folder has the network
 */
public record FolderModel(ModelConfig config, List<String> unread) {
  private static final String GROUP = "model.";
  /** The paper's Transformer, as people set it, is a folder of one of these families. */
  private static final List<String> PAPER = List.of("marian", "m2m_100");
  private static final List<String> KEYS_OF_PAPER =
      List.of("model.dropout", "model.attention-dropout", "model.activation-dropout", "model.label-smoothing");

  public FolderModel {
    unread = List.copyOf(unread);
  }

  static FolderModel of(SettingValues values, ModelConfig folder) {
    String family = folder.json().path("model_type").asText();
    ModelConfig config = folder;
    List<String> unread = new ArrayList<>();
    for (String key : KnownKeys.BASE.keys()) {
      if (!key.startsWith(GROUP) || !values.isGiven(key) || values.read(key).isEmpty()) {
        continue;
      }
      if (key.startsWith(GROUP + family + ".") || PAPER.contains(family) && KEYS_OF_PAPER.contains(key)) {
        config = with(config, key, values.read(key).orElseThrow());
      } else if (!key.equals(ModelSettings.ARCHITECTURE) || !isOf(family, values.needed(key))) {
        unread.add(key);
      }
    }
    return new FolderModel(config, unread);
  }

  private static boolean isOf(String family, String architecture) {
    return architecture.equals(family) || architecture.equals(ModelSettings.TRANSFORMER) && PAPER.contains(family);
  }

  private static ModelConfig with(ModelConfig config, String key, Object value) {
    try {
      return config.withTrainingKey(key.substring(key.lastIndexOf('.') + 1).replace('-', '_'), value);
    } catch (InvalidValueException e) {
      throw InvalidSettingException.value(key, e.found(), e.requirement());
    }
  }
}
