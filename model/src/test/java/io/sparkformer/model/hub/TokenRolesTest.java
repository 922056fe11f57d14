package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.decode.SearchRules;
import io.sparkformer.model.hub.GenerationConfig.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file wins is what transformers 4.36.2 does ({@code PreTrainedTokenizerBase._from_pretrained}, {@code GenerationConfig}). */
class TokenRolesTest {
  @TempDir
  private Path folder;

  @BeforeEach
  void writeTokenizer() throws IOException {
    write("tokenizer.json", """
        {"added_tokens": [{"id": 9, "content": "<end>", "special": true}],
         "model": {"vocab": {"<pad>": 4, "<s>": 5, "</s>": 6, "[MASK]": 7, "a": 0}}}""");
  }

  @Test
  void usualTextsStandForWhatNoFileNames() throws IOException {
    assertThat(roles().tokens()).isEqualTo(new SpecialTokens(4, 5, 6));
    assertThat(roles().id(TokenRoles.Role.MASK)).isEqualTo(OptionalInt.of(7));
    assertThat(roles().id(TokenRoles.Role.UNKNOWN)).isEmpty();
  }

  @Test
  void theMapGoesBeforeAnOldConfigAndAfterANewOne() throws IOException {
    write("special_tokens_map.json", "{\"eos_token\": {\"content\": \"<end>\", \"lstrip\": false}}");
    write("tokenizer_config.json", "{\"eos_token\": \"a\", \"bos_token\": \"<s>\"}");
    assertThat(roles().tokens()).isEqualTo(new SpecialTokens(4, 5, 9));
    write("tokenizer_config.json", "{\"eos_token\": \"a\", \"bos_token\": null, \"added_tokens_decoder\": {}}");
    assertThat(roles().tokens()).isEqualTo(new SpecialTokens(4, 5, 0));
    write("tokenizer_config.json", "{\"eos_token\": \"nowhere\", \"added_tokens_decoder\": {}}");
    assertThatThrownBy(this::roles).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("eos_token is nowhere, which the vocabulary of tokenizer.json lacks");
  }

  @Test
  void otherFormsOfVocabulariesAreNamed() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    assertThatThrownBy(this::roles).hasMessageContaining("no tokenizer.json").hasMessageContaining("save_pretrained");
    write("vocab.json", "{\"</s>\": 0, \"<unk>\": 1, \"<pad>\": 2}");
    assertThatThrownBy(this::roles).hasMessageContaining("but for Marian's source.spm with vocab.json");
    write("source.spm", "");
    assertThat(roles().tokens()).isEqualTo(new SpecialTokens(2, SpecialTokens.NONE, 0));
    write("tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"<pad>\", 0.0], [\"</s>\", 0.0], [\"x\", -1.5]]}}");
    assertThat(roles().tokens()).isEqualTo(new SpecialTokens(0, SpecialTokens.NONE, 1));
  }

  @Test
  void theGenerationConfigGoesBeforeTheConfigAndTheTokenizerAfterBoth() throws IOException {
    String config = "{\"eos_token_id\": 1, \"num_beams\": 6, \"decoder_start_token_id\": 3, \"bad_words_ids\": [[3]]}";
    GenerationConfig generation = generation(config, Origin.HUGGING_FACE);
    assertThat(generation.source()).isEqualTo("config.json");
    assertThat(generation.control().begin()).isEqualTo(3);
    assertThat(generation.control().end()).isEqualTo(1);
    assertThat(generation.control().suppressed()).containsExactly(3);
    assertThat(generation.beams()).isEqualTo(6);
    assertThat(generation.rules()).isEqualTo(SearchRules.HUGGING_FACE);
    write("generation_config.json", "{\"eos_token_id\": [9, 6], \"length_penalty\": 0.5, \"forced_eos_token_id\": 9, \"do_sample\": true,"
        + " \"no_repeat_ngram_size\": 0, \"repetition_penalty\": 1.0, \"bad_words_ids\": [[1, 2], [0]]}");
    generation = generation(config, Origin.TRAINED_HERE);
    assertThat(generation.source()).isEqualTo("generation_config.json");
    assertThat(generation.control().end()).isEqualTo(9);
    assertThat(generation.control().otherEnds()).containsExactly(6);
    assertThat(generation.control().begin()).isEqualTo(5);
    assertThat(generation.control().suppressed()).containsExactly(0);
    assertThat(generation.beams()).isNull();
    assertThat(generation.lengthPenalty()).isEqualTo(0.5);
    assertThat(generation.rules()).isEqualTo(SearchRules.HUGGING_FACE_FORCED_END);
    assertThat(generation.ignored()).containsExactlyInAnyOrder("do_sample = true", "bad_words_ids of several tokens [1,2]");
  }

  @Test
  void whatWasTrainedHereIsSearchedByItsOwnRulesWithoutSpecialTokens() throws IOException {
    GenerationConfig generation = generation("{\"eos_token_id\": 6, \"decoder_start_token_id\": 5}", Origin.TRAINED_HERE);
    assertThat(generation.rules()).isEqualTo(SearchRules.GNMT);
    assertThat(generation.control().suppressed()).containsExactlyInAnyOrder(4, 5, 7);
  }

  private TokenRoles roles() throws IOException {
    return TokenRoles.read(FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  private GenerationConfig generation(String config, Origin origin) throws IOException {
    return GenerationConfig.read(FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(folder.toUri()),
        new ObjectMapper().readTree(config), origin);
  }

  private void write(String name, String text) throws IOException {
    Files.deleteIfExists(folder.resolve("." + name + ".crc"));
    Files.writeString(folder.resolve(name), text);
  }
}
