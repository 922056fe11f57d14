package io.sparkformer.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.architecture.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What settings say over the network of a model folder. */
class FolderModelTest {
  private static final ModelConfig MARIAN = ModelConfig.parse("""
      {"model_type": "marian", "architectures": ["MarianMTModel"], "vocab_size": 20, "decoder_vocab_size": 20, "d_model": 8,
       "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8,
       "decoder_ffn_dim": 8, "max_position_embeddings": 16, "dropout": 0.3, "attention_dropout": 0.2, "pad_token_id": 0}""");
  private static final ModelConfig T5 = ModelConfig.parse("""
      {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "vocab_size": 20, "d_model": 8, "d_kv": 4, "d_ff": 8,
       "num_layers": 1, "num_heads": 2, "dropout_rate": 0.1}""");

  @TempDir
  private Path folder;

  private static FolderModel over(ModelConfig model, String... assignments) {
    return Settings.load(Optional.empty(), Stream.of(assignments).map(Assignment::parse).toList(), new Configuration()).over(model);
  }

  @Test
  void defaultsCountForNothing() {
    assertThat(over(MARIAN).config()).isEqualTo(MARIAN);
    assertThat(over(T5, "train.batch-tokens=64").config()).isEqualTo(T5);
    assertThat(over(T5, "model.architecture=t5")).isEqualTo(new FolderModel(T5, List.of()));
    assertThat(over(MARIAN, "model.architecture=transformer").unread()).isEmpty();
  }

  @Test
  void whatIsGivenWinsThoughItIsTheDefault() throws IOException {
    Path file = Files.writeString(folder.resolve("run.conf"), "model { dropout = 0.1, label-smoothing = 0.2 }");
    FolderModel model = Settings.load(Optional.of(file.toString()), List.of(Assignment.parse("model.marian.attention_dropout=0.5")),
        new Configuration()).over(MARIAN);
    assertThat(model.unread()).isEmpty();
    assertThat(model.config().json().path("dropout").asDouble()).isEqualTo(0.1);
    assertThat(model.config().json().path("attention_dropout").asDouble()).isEqualTo(0.5);
    assertThat(model.config().json().path("label_smoothing").asDouble()).isEqualTo(0.2);
    assertThat(model.config().network().encoder().layers().get(0).dropout()).isEqualTo(0.1);
    assertThat(model.config().network().withoutRegularization()).isEqualTo(MARIAN.network().withoutRegularization());
    assertThat(over(T5, "model.t5.dropout_rate=0", "model.t5.label_smoothing=0.1").config().json().path("label_smoothing").asDouble())
        .isEqualTo(0.1);
  }

  @Test
  void whatDoesNotCountIsListed() {
    assertThat(over(T5, "model.dropout=0.2", "model.d-model=16", "model.gpt2.n_layer=3", "model.architecture=gpt2").unread())
        .containsExactly("model.architecture", "model.d-model", "model.dropout", "model.gpt2.n_layer");
  }

  @Test
  void anotherNetworkIsRefused() {
    assertThatThrownBy(() -> over(T5, "model.t5.num_layers=2")).isInstanceOf(InvalidSettingException.class).hasMessage(
        "Invalid model.t5.num_layers: 2 (it would be another network than that of the model folder, over which only dropout and label "
            + "smoothing can be set; --set model.t5.num_layers=2)");
    assertThatThrownBy(() -> over(T5, "model.t5.feed_forward_proj=gated-gelu")).hasMessageContaining("another network");
    assertThatThrownBy(() -> over(MARIAN, "model.dropout=1.5")).hasMessageStartingWith("Invalid model.dropout: 1.5 (");
  }
}
