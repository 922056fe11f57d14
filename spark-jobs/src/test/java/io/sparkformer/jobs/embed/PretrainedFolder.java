package io.sparkformer.jobs.embed;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubWriter;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.hub.TensorType;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model folder as Hugging Face lays it out, with a small network of random weights and a word-piece tokenizer of few words. */
public record PretrainedFolder(Path path, ModelConfig config, TransformerModel network) {

  public static final List<String> VOCABULARY =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "house", "stands", "there", "##s", "tree", "old", ".");
  private static final int CLS = 2;
  private static final int SEP = 3;

  public static PretrainedFolder bert(Path path) throws IOException {
    return write(path, """
        {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": %d, "hidden_size": 16, "num_hidden_layers": 2,
         "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 12, "type_vocab_size": 2, "seed": 5}
        """);
  }

  static PretrainedFolder gpt2(Path path) throws IOException {
    return write(path, """
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": %d, "n_embd": 16, "n_layer": 2, "n_head": 2,
         "n_positions": 12, "seed": 5}
        """);
  }

  private static PretrainedFolder write(Path path, String json) throws IOException {
    Files.createDirectories(path);
    ModelConfig config = ModelConfig.parse(json.formatted(VOCABULARY.size()));
    TransformerModel network = TransformerModel.create(config.network(), new Nd4jKernels());
    new HubWriter(TensorType.F32).write(FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(path.toString()), config,
        ModelTensors.of(config, network).all());
    Files.writeString(path.resolve("tokenizer.json"), tokenizer());
    return new PretrainedFolder(path, config, network);
  }

  private static String tokenizer() throws IOException {
    String vocabulary = String.join(",", IntStream.range(0, VOCABULARY.size())
        .mapToObj(id -> "\"" + VOCABULARY.get(id) + "\":" + id).toList());
    return new ObjectMapper().readTree("""
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
          {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
          {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
           "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
           "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
             "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
           "vocab": {%s}}}
        """.formatted(vocabulary)).toString();
  }

  /** {@code [CLS] ... [SEP]} of the first {@code most - 2} words. */
  static int[] ids(String text, int most) {
    IntStream words = text.isEmpty() ? IntStream.empty()
        : List.of(text.split(" ")).stream().mapToInt(word -> Math.max(1, VOCABULARY.indexOf(word)));
    return IntStream.concat(IntStream.of(CLS), IntStream.concat(words.limit(most - 2L), IntStream.of(SEP))).toArray();
  }

  /** The last hidden states of a text alone: {@code [tokens, width]}. */
  float[][] hidden(int... ids) {
    Sequences sequences = Sequences.pack(List.of(ids), 0);
    boolean encoder = config.network().encoder() != null;
    INDArray output = network.output(encoder ? new Batch(sequences, null, java.util.Map.of())
        : new Batch(null, sequences, java.util.Map.of()));
    return output.toFloatMatrix();
  }

  /** The mean over the tokens of a text. */
  float[] mean(int... ids) {
    float[][] rows = hidden(ids);
    float[] mean = new float[rows[0].length];
    for (float[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / rows.length;
      }
    }
    return mean;
  }
}
