package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.objective.Labelled;
import io.sparkformer.model.objective.NextToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is frozen, the gradients of the other parameters stay what they are, and the flat gradient holds them alone. */
class FrozenParametersTest {

  @ParameterizedTest
  @ValueSource(strings = {"bert", "gpt2", "llama"})
  void theOthersHaveTheGradientsOfAllTrained(String family) {
    NetworkConfig config = network(family);
    Batch batch = batch(family);
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      TransformerModel whole = TransformerModel.create(config, kernels);
      Map<String, float[]> expected = gradients(whole, batch);
      List<Set<String>> choices = new ArrayList<>();
      List<NamedParameter> all = whole.namedParameters();
      all.forEach(parameter -> choices.add(Set.of(parameter.name())));
      choices.add(names(all.stream().filter(parameter -> parameter.shape().length > 1).toList()));
      choices.add(names(all.stream().filter(parameter -> parameter.shape().length == 1).toList()));
      choices.add(names(all.subList(0, all.size() / 2)));
      choices.add(names(all.subList(all.size() / 2, all.size())));
      for (Set<String> frozen : choices) {
        TransformerModel model = TransformerModel.create(config, kernels, Recompute.NONE, frozen);
        Map<String, float[]> gradients = gradients(model, batch);
        Set<String> trained = new HashSet<>(expected.keySet());
        trained.removeAll(frozen);
        assertThat(gradients.keySet()).isEqualTo(trained);
        assertThat(model.parameters().length()).isEqualTo(whole.parameters().length());
        assertThat(model.gradients().length()).isEqualTo(model.trainedRegion().length());
        gradients.forEach((name, values) -> assertThat(values).as("%s of %s without %s", name, family, frozen)
            .usingComparatorWithPrecision(1e-6f).containsExactly(expected.get(name)));
      }
    }
  }

  @Test
  void theTrainedRegionIsMemoryOfTheParameters() {
    NetworkConfig config = network("bert");
    Set<String> matrices = names(TransformerModel.create(config, new Nd4jKernels()).namedParameters().stream()
        .filter(parameter -> parameter.shape().length > 1).toList());
    TransformerModel model = TransformerModel.create(config, new Nd4jKernels(), Recompute.NONE, matrices);
    float[] before = model.parameters().dup().toFloatVector();
    float[] changed = new float[(int) model.trainedRegion().length()];
    Arrays.fill(changed, 7);
    model.trainedRegion().write(0, changed, changed.length);
    float[] after = model.parameters().toFloatVector();
    for (NamedParameter parameter : model.namedParameters()) {
      for (long i = parameter.offset(); i < parameter.offset() + parameter.length(); i++) {
        assertThat(after[(int) i]).as(parameter.name()).isCloseTo(matrices.contains(parameter.name()) ? before[(int) i] : 7, within(0f));
      }
    }
  }

  @Test
  void somethingIsLeftToTrain() {
    NetworkConfig config = network("bert");
    Set<String> all = names(TransformerModel.create(config, new Nd4jKernels()).namedParameters());
    assertThatThrownBy(() -> TransformerModel.create(config, new Nd4jKernels(), Recompute.NONE, all))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("No parameter is left to train");
  }

  private static Set<String> names(List<NamedParameter> parameters) {
    return parameters.stream().map(NamedParameter::name).collect(Collectors.toSet());
  }

  private static Map<String, float[]> gradients(TransformerModel model, Batch batch) {
    model.clearGradients();
    model.accumulateGradient(batch, 3);
    float[] flat = model.gradients().dup().toFloatVector();
    Map<String, float[]> gradients = new HashMap<>();
    for (NamedParameter parameter : model.trainedParameters()) {
      float[] values = new float[(int) parameter.length()];
      System.arraycopy(flat, (int) parameter.offset(), values, 0, values.length);
      gradients.put(parameter.name(), values);
    }
    return gradients;
  }

  private static Batch batch(String family) {
    Random random = new Random(4);
    List<int[]> sequences = random.ints(4, 3, 9).mapToObj(length -> random.ints(length, 5, 50).toArray()).toList();
    return family.equals("bert") ? Labelled.sequences(Sequences.pack(sequences, 0), new int[] {0, 2, 1, 1})
        : new NextToken().batch(sequences, 0);
  }

  private static NetworkConfig network(String family) {
    ObjectNode json = new ObjectMapper().createObjectNode().put("model_type", family).put("vocab_size", 50).put("seed", 5);
    switch (family) {
      case "bert" -> json.put("hidden_size", 16).put("num_attention_heads", 2).put("num_hidden_layers", 2).put("intermediate_size", 32)
          .put("max_position_embeddings", 20).put("num_labels", 3).putArray("architectures").add("BertForSequenceClassification");
      case "gpt2" -> json.put("n_embd", 16).put("n_head", 2).put("n_layer", 2).put("n_positions", 20);
      default -> json.put("hidden_size", 16).put("num_attention_heads", 4).put("num_key_value_heads", 2).put("num_hidden_layers", 2)
          .put("intermediate_size", 32).put("max_position_embeddings", 20).put("rms_norm_eps", 1e-5);
    }
    return ModelConfig.of(json).network();
  }
}
