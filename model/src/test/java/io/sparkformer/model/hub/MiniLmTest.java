package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.PoolingKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * all-MiniLM-L6-v2 as it lies in the folder that {@code -Dsparkformer.minilm.dir} names: float16 tensors without a prefix and with a pooler
 * that {@code BertModel} as used here lacks; against Hugging Face's hidden states and embeddings. Without the folder a small BERT stands in
 * for it.
 */
class MiniLmTest {
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(strings = {"PORTABLE", "FLOAT32"})
  void hiddenStatesAndEmbeddingsAreThoseOfHuggingFace(String kernels) throws IOException {
    String folder = System.getProperty("sparkformer.minilm.dir", "");
    if (folder.isBlank()) {
      System.out.println("skipped: all-MiniLM-L6-v2; name its folder with -Dsparkformer.minilm.dir");
    }
    assumeTrue(!folder.isBlank(), "no folder of all-MiniLM-L6-v2");
    HubCase golden = HubCase.read(Path.of(folder));
    TransformerModel model = TransformerModel.create(golden.network().withoutDropout(), GoldenKernels.of(kernels));
    golden.model().readInto(model);
    List<int[]> sentences = new ArrayList<>();
    for (JsonNode sentence : golden.json().path("sentences")) {
      sentences.add(HubCase.ints(sentence.path("ids")));
    }
    Sequences packed = Sequences.pack(sentences, 0);
    float[] hidden = model.output(new Batch(packed, null, Map.of())).dup().data().asFloat();
    float[][] pooled = model.pooled(packed, PoolingKernel.Kind.MEAN).toFloatMatrix();
    int width = golden.network().width();
    int at = 0;
    for (int i = 0; i < sentences.size(); i++) {
      float[] rows = Arrays.copyOfRange(hidden, at, at + sentences.get(i).length * width);
      assertThat(rows).as("hidden states of sentence %d", i)
          .containsExactly(golden.expected().get("last_hidden_state." + i), within((float) TOLERANCE));
      assertThat(normalized(pooled[i])).as("embedding of sentence %d", i)
          .containsExactly(golden.expected().get("embedding." + i), within((float) TOLERANCE));
      at += rows.length;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PORTABLE", "FLOAT32"})
  void poolsTheHiddenStatesOfHuggingFace(String kernels) throws IOException {
    HubCase golden = HubCase.read(Path.of("src/test/resources/golden/hf/bert-mlm"));
    TransformerModel model = TransformerModel.create(golden.network().withoutDropout(), GoldenKernels.of(kernels));
    golden.model().readInto(model);
    int last = golden.network().encoder().layers().size();
    float[] hidden = golden.packed("hidden_states." + last, golden.lengths());
    float[][] mean = model.pooled(golden.batch().encoder(), PoolingKernel.Kind.MEAN).toFloatMatrix();
    float[][] first = model.pooled(golden.batch().encoder(), PoolingKernel.Kind.FIRST).toFloatMatrix();
    int width = golden.network().width();
    int at = 0;
    for (int i = 0; i < golden.lengths().length; i++) {
      assertThat(first[i]).containsExactly(Arrays.copyOfRange(hidden, at * width, (at + 1) * width), within((float) TOLERANCE));
      assertThat(mean[i]).containsExactly(mean(hidden, at, golden.lengths()[i], width), within((float) TOLERANCE));
      at += golden.lengths()[i];
    }
  }

  private static float[] mean(float[] rows, int from, int count, int width) {
    float[] mean = new float[width];
    for (int row = from; row < from + count; row++) {
      for (int j = 0; j < width; j++) {
        mean[j] += rows[row * width + j] / count;
      }
    }
    return mean;
  }

  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float[] result = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      result[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return result;
  }
}
