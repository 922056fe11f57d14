package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import io.sparkformer.model.objective.Labelled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropout drops the same elements however a global batch is cut into workers and micro-batches. */
class MicroBatchesTest {
  private static final int SEQUENCES = 6;
  private final List<int[]> sequences = sequences();
  private final int[] classes = {0, 2, 1, 1, 0, 2};

  /** BERT drops in front of the classifier, RoBERTa in front of the pooler too. */
  @ParameterizedTest
  @ValueSource(strings = {"bert BertForSequenceClassification", "roberta RobertaForSequenceClassification"})
  void gradientsOfClassesOfSequencesDoNotDependOnHowTheBatchIsCut(String family) {
    NetworkConfig config = network(family.split(" ")[0], family.split(" ")[1]);
    for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
      float[] whole = gradient(config, kernels, 0, SEQUENCES);
      float[] cut = gradient(config, kernels, 0, 1, 4, SEQUENCES);
      for (int i = 0; i < whole.length; i++) {
        assertThat(cut[i]).as("gradient %d", i).isCloseTo(whole[i], within(1e-5f));
      }
      assertThat(largest(whole)).isGreaterThan(1e-2f);
    }
  }

  /** @param bounds of the micro-batches, in sequences */
  private float[] gradient(NetworkConfig config, Kernels kernels, int... bounds) {
    TransformerModel model = TransformerModel.create(config, kernels);
    model.clearGradients();
    for (int i = 1; i < bounds.length; i++) {
      int before = sequences.subList(0, bounds[i - 1]).stream().mapToInt(tokens -> tokens.length).sum();
      model.accumulateGradient(Labelled.sequences(Sequences.pack(sequences.subList(bounds[i - 1], bounds[i]), before),
          Arrays.copyOfRange(classes, bounds[i - 1], bounds[i])), 3);
    }
    return model.gradients().dup().toFloatVector();
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static List<int[]> sequences() {
    Random random = new Random(4);
    return random.ints(SEQUENCES, 3, 9).mapToObj(length -> random.ints(length, 5, 50).toArray()).toList();
  }

  private static NetworkConfig network(String type, String name) {
    ObjectNode json = new ObjectMapper().createObjectNode().put("model_type", type).put("vocab_size", 50).put("hidden_size", 16)
        .put("num_attention_heads", 2).put("num_hidden_layers", 1).put("intermediate_size", 32).put("max_position_embeddings", 20)
        .put("num_labels", 3).put("hidden_dropout_prob", 0.2).put("attention_probs_dropout_prob", 0.2).put("classifier_dropout", 0.5)
        .put("seed", 5);
    json.putArray("architectures").add(name);
    return ModelConfig.of(json).network();
  }
}
