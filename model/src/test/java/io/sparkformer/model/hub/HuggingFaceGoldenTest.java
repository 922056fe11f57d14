package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Losses;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every family against the real classes of Hugging Face: hidden states, scores, loss and every gradient. {@link HubCases}
 * says where the cases lie.
 */
class HuggingFaceGoldenTest {
  /** Gradients below this share of the root mean square of all are compared with that. */
  private static final double SMALL_GRADIENT = 0.1;

  /**
   * The kernels' products. Float32 ones meet each case's own tolerance, element by element. What rounds its inputs is compared by the root
   * mean square of the differences, as a share of that of the values: one and a half to two times what was found. The random weights of
   * these cases are large, and T5's scores have no scale, so that what rounding changes in a score changes its softmax.
   */
  private enum Products {
    PORTABLE(0, 0, 0), FLOAT32(0, 0, 0), CUDA(0, 0, 0), BFLOAT16(5e-2, 2.5e-1, 2.5), INT8(2e-1, 5e-1, 1.7);

    private final double ofOutputs;
    private final double ofGradients;
    private final double unscaled;

    Products(double ofOutputs, double ofGradients, double unscaled) {
      this.ofOutputs = ofOutputs;
      this.ofGradients = ofGradients;
      this.unscaled = unscaled;
    }

    double ofGradients(HubCase golden) {
      return ofGradients * (hasScale(golden) ? 1 : unscaled);
    }

    private static boolean hasScale(HubCase golden) {
      return golden.network().lastStack().layers().get(0).selfAttention().scale() != 1;
    }

    Kernels kernels() {
      return GoldenKernels.of(name());
    }
  }

  static List<Arguments> cases() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (Path folder : HubCases.supported()) {
      for (Products products : Products.values()) {
        if (GoldenKernels.run(products.name())) {
          cases.add(arguments(Named.of(folder.getFileName().toString(), folder), products));
        }
      }
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void computesWhatHuggingFaceComputes(Path folder, Products products) throws Exception {
    try (Kernels kernels = products.kernels()) {
      compute(HubCase.read(folder), products, kernels);
    }
  }

  private static void compute(HubCase golden, Products products, Kernels kernels) throws IOException {
    TransformerModel model = TransformerModel.create(golden.network(), kernels);
    golden.model().readInto(model);
    Batch batch = golden.batch();

    hiddenStates(golden, model, batch, products);
    scores(golden, model, batch, products);
    model.clearGradients();
    Losses losses = model.accumulateGradient(batch, 0);
    double mean = losses.byHead().values().stream().mapToDouble(HuggingFaceGoldenTest::mean).sum();
    double expected = golden.json().path("loss").asDouble();
    assertThat(mean).as("loss").isCloseTo(expected, within(golden.json().path("tolerance").path("loss_absolute").asDouble()
        + products.ofOutputs * Math.abs(expected)));
    assertThat(model.loss(batch).byHead().values().stream().mapToDouble(HuggingFaceGoldenTest::mean).sum()).as("loss without a gradient")
        .isCloseTo(mean, within(1e-5 * Math.abs(mean)));
    gradients(golden, model, products);
  }

  private static double mean(Loss loss) {
    return loss.smoothed() / loss.tokens();
  }

  private static void hiddenStates(HubCase golden, TransformerModel model, Batch batch, Products products) {
    Map<String, INDArray> activations = model.activations(batch);
    if (golden.network().isEncoderDecoder()) {
      stack(golden, activations, "encoder", "encoder_hidden_states.", golden.network().encoder().layers().size(), batch.encoder(),
          products);
      stack(golden, activations, "decoder", "decoder_hidden_states.", golden.network().decoder().layers().size(), batch.decoder(),
          products);
    } else {
      stack(golden, activations, golden.network().decoder() != null ? "decoder" : "encoder", "hidden_states.",
          golden.network().lastStack().layers().size(), batch.last(), products);
    }
  }

  /** What enters the first layer, and the output of every layer; the last one listed is that of the final norm, where there is one. */
  private static void stack(HubCase golden, Map<String, INDArray> activations, String stack, String names, int layers, Sequences sequences,
      Products products) {
    for (int i = 0; i <= layers; i++) {
      String vertex = i == 0 ? stack + ".embedding" : i == layers && activations.containsKey(stack + ".norm") ? stack + ".norm"
          : stack + ".layers." + (i - 1);
      compare(golden, names + i, activations.get(vertex), lengths(sequences), products);
    }
  }

  private static void scores(HubCase golden, TransformerModel model, Batch batch, Products products) {
    for (String output : List.of("logits", "prediction_logits", "seq_relationship_logits", "start_logits")) {
      if (!golden.expected().containsKey(output)) {
        continue;
      }
      String head = output.equals("seq_relationship_logits") ? "sequence-class" : golden.network().heads().get(0).name();
      INDArray scores = model.logits(batch, head);
      if (output.equals("start_logits")) {
        compare(golden, "start_logits", scores.getColumn(0).dup(), lengths(batch.last()), products);
        compare(golden, "end_logits", scores.getColumn(1).dup(), lengths(batch.last()), products);
      } else if (head.equals("sequence-class")) {
        close(output, scores.data().asFloat(), golden.expected().get(output), golden.tolerance("outputs"), products.ofOutputs, 0);
      } else {
        compare(golden, output, scores, lengths(batch.last()), products);
      }
    }
  }

  private static void compare(HubCase golden, String name, INDArray found, int[] lengths, Products products) {
    if (golden.expected().containsKey(name)) {
      close(name, found.dup('c').data().asFloat(), golden.packed(name, lengths), golden.tolerance("outputs"),
          products.ofOutputs, 0);
    }
  }

  private static void gradients(HubCase golden, TransformerModel model, Products products) {
    double ofAll = rootMeanSquare(golden.expected().entrySet().stream().filter(entry -> entry.getKey().startsWith("grad."))
        .map(Map.Entry::getValue).toList());
    int compared = 0;
    for (TensorContent gradient : ModelTensors.of(golden.model().config(), model.namedParameters(), FloatRegion.of(model.gradients()))
        .all()) {
      float[] expected = golden.expected().get("grad." + gradient.name());
      float[] found = new float[(int) gradient.length()];
      gradient.read(0, found, found.length);
      if (expected == null) {
        assertThat(found).as("gradient of %s, which is not trained", gradient.name()).containsOnly(0);
        continue;
      }
      close("gradient of " + gradient.name(), found, expected, golden.tolerance("gradients"), products.ofGradients(golden),
          SMALL_GRADIENT * ofAll);
      compared++;
    }
    assertThat((long) compared).as("gradients compared").isEqualTo(
        golden.expected().keySet().stream().filter(key -> key.startsWith("grad.")).count());
  }

  /**
   * @param share of the values' root mean square that the differences' may be; 0 for the tolerance of each element
   * @param least what the values' root mean square counts as if it is smaller: gradients that are zero in theory
   */
  private static void close(String what, float[] found, float[] expected, double[] tolerance, double share, double least) {
    assertThat(found.length).as("elements of %s", what).isEqualTo(expected.length);
    if (share > 0) {
      float[] differences = new float[found.length];
      for (int i = 0; i < found.length; i++) {
        differences[i] = found[i] - expected[i];
      }
      double scale = Math.max(least, rootMeanSquare(List.of(expected)));
      assertThat(rootMeanSquare(List.of(differences)) / scale).as("differences of %s as a share of its values", what)
          .isLessThanOrEqualTo(share);
      return;
    }
    for (int i = 0; i < found.length; i++) {
      double allowed = tolerance[0] + tolerance[1] * Math.abs(expected[i]);
      if (!(Math.abs(found[i] - expected[i]) <= allowed)) {
        throw new AssertionError("%s, element %d: expected %s, found %s, allowed difference %.3g"
            .formatted(what, i, expected[i], found[i], allowed));
      }
    }
  }

  private static double rootMeanSquare(Collection<float[]> arrays) {
    double squares = 0;
    long count = 0;
    for (float[] array : arrays) {
      for (float value : array) {
        squares += (double) value * value;
      }
      count += array.length;
    }
    return Math.sqrt(squares / Math.max(1, count));
  }

  private static int[] lengths(Sequences sequences) {
    int[] offsets = sequences.offsets().toIntVector();
    int[] lengths = new int[offsets.length - 1];
    Arrays.setAll(lengths, i -> offsets[i + 1] - offsets[i]);
    return lengths;
  }

  private static org.assertj.core.data.Offset<Double> within(double difference) {
    return org.assertj.core.data.Offset.offset(difference);
  }
}
