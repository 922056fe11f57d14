package io.sparkformer.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.LabelNames;
import io.sparkformer.data.shard.Sha256;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.data.tokenizer.TokenizerFile;
import io.sparkformer.jobs.config.FolderModel;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.pretrain.plan.PlannedModel;
import io.sparkformer.jobs.pretrain.plan.TextTokens;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.NetworkSettings;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.hub.Companions;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.GenerationConfig.Origin;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.TokenRoles;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network that a run trains: a new one over the vocabulary of the data, or that of a model folder ({@code train.from}). */
final class StartingModel {
  private static final Logger LOG = LoggerFactory.getLogger(StartingModel.class);
  private static final String KEY = "train.from";

  private final Configuration hadoop;
  private final Settings run;
  private final TrainSettings settings;
  private final ShardManifest data;

  StartingModel(Configuration hadoop, Settings run, TrainSettings settings, ShardManifest data) {
    this.hadoop = hadoop;
    this.run = run;
    this.settings = settings;
    this.data = data;
  }

  /**
   * Finds or describes the network.
   *
   * @param resumed the checkpoint that the run goes on from; it has the network of a run that began with a model folder
   * @throws InvalidInputException when the model folder cannot be trained on the data
   */
  PlannedModel plan(Optional<Checkpoint> resumed) throws IOException {
    if (settings.from() == null) {
      return ofSettings();
    }
    try {
      return resumed.isPresent() ? goingOn(resumed.get()) : ofFolder();
    } catch (InvalidSettingException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(KEY + ": " + e.getMessage(), e);
    }
  }

  private PlannedModel ofSettings() throws IOException {
    FileSystem files = settings.data().getFileSystem(hadoop);
    NetworkSettings network = run.model();
    try {
      if (!files.exists(new Path(settings.data(), TokenizerFile.NAME))) {
        // Checkpoints need the file; the ids are those of every tokenizer that is trained here.
        SpecialTokens tokens = new SpecialTokens(SpecialToken.PADDING.id(), SpecialToken.BEGIN.id(), SpecialToken.END.id());
        return new PlannedModel(network.config(data.vocabularySize(), ofData(tokens), settings.seed()).text(), ControlTokens.STANDARD,
            new TextTokens(SpecialToken.MASK.id(), ControlTokens.STANDARD.suppressed(), List.of(), Set.of()), Map.of(), null, List.of());
      }
      TokenRoles roles = TokenRoles.read(files, settings.data());
      ModelConfig config = network.config(data.vocabularySize(), ofData(roles.tokens()), settings.seed());
      return planned(config.text(), GenerationConfig.of(config.json(), "config.json", roles, Origin.TRAINED_HERE), roles,
          Companions.ofTokenizer(files, settings.data()), null, List.of());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  /** A document begins behind the end of another: of text one token is both. */
  private SpecialTokens ofData(SpecialTokens tokens) {
    return data.rows() == null ? tokens
        : new SpecialTokens(tokens.padding(), data.rows().endOfDocument(), data.rows().endOfDocument());
  }

  private static PlannedModel planned(String config, GenerationConfig generation, TokenRoles roles, Map<String, byte[]> companions,
      Path weights, List<String> fresh) {
    return new PlannedModel(config, generation.control(), TextTokens.of(roles), companions, weights, fresh);
  }

  private PlannedModel goingOn(Checkpoint checkpoint) throws IOException {
    HubFolder folder = HubFolder.open(hadoop, checkpoint.path());
    return planned(changed(folder).text(), folder.generation(Origin.TRAINED_HERE), folder.roles(), folder.companions(), null, List.of());
  }

  /** The folder's network with what the settings say over it. */
  private ModelConfig changed(HubFolder folder) {
    FolderModel model = run.over(folder.config());
    if (!model.unread().isEmpty()) {
      LOG.warn("{}: the network is that of {}; these settings do not count: {}", KEY, settings.from(), String.join(", ", model.unread()));
    }
    return model.config();
  }

  private PlannedModel ofFolder() throws IOException {
    Path given = settings.from();
    Path place = CheckpointStore.isPlainModel(hadoop, given) ? given.getFileSystem(hadoop).makeQualified(given)
        : CheckpointStore.resolveModel(hadoop, given, LOG::warn).path();
    HubFolder folder = HubFolder.open(hadoop, place);
    if (folder.config().isOfFirstVersion()) {
      throw new InvalidInputException(KEY + ": " + given + " was written by version 0.1; rewrite it with convert.sh, and begin from the "
          + "folder that it writes");
    }
    ModelConfig config = withHeadsForData(changed(folder));
    List<String> fresh = folder.newTensorsOf(config);
    requireTokenizerOfData(place);
    if (data.vocabularySize() > folder.config().network().vocabulary()) {
      throw new InvalidInputException(("%s: %s has a vocabulary of %d tokens, the tokenizer of train.data one of %d; the model "
          + "lacks the others").formatted(KEY, given, folder.config().network().vocabulary(), data.vocabularySize()));
    }
    ObjectNode json = config.json();
    // What is written are float32 values, of a model that has been trained for one task.
    json.put("torch_dtype", "float32").put("seed", settings.seed());
    json.remove("task_specific_params");
    return planned(ModelConfig.of(json).text(), folder.generation(Origin.HUGGING_FACE), folder.roles(), folder.companions(), place, fresh);
  }

  /** Labelled texts are learnt by a classifier of their labels, other data by the heads that the folder has. */
  private ModelConfig withHeadsForData(ModelConfig folder) {
    return data.kind() == ExampleKind.LABELLED_TEXTS ? folder.forSequences(LabelNames.read(hadoop, settings.data()).names()) : folder;
  }

  /** Token ids mean the same only if both files say the same, whatever they say about cutting and filling up. */
  private void requireTokenizerOfData(Path model) throws IOException {
    Path own = new Path(model, TokenizerFile.NAME);
    if (!own.getFileSystem(hadoop).exists(own)) {
      throw new InvalidInputException("%s: %s has no %s, with which train.data would have to be prepared; convert the model's vocabulary "
          .formatted(KEY, settings.from(), TokenizerFile.NAME) + "with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained("
          + "FOLDER)");
    }
    boolean same = Sha256.ofFile(hadoop, own).equals(data.tokenizerSha256())
        || content(own).equals(content(new Path(settings.data(), TokenizerFile.NAME)));
    if (!same) {
      throw new InvalidInputException(("%s: train.data was prepared with another tokenizer than that of %s, so its token ids mean other "
          + "text; prepare the data with prepare.tokenizer.path = %s").formatted(KEY, settings.from(), own));
    }
  }

  private JsonNode content(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      JsonNode json = new ObjectMapper().readTree(in);
      if (json instanceof ObjectNode object) {
        object.remove("truncation");
        object.remove("padding");
      }
      return json;
    }
  }
}
