package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.cpu.Bfloat16Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.kernel.cuda.CudaKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.kernel.cuda.StandIn;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The network against PyTorch's: every case folder of the test resources, and of the folder that
 * {@code -Dsparkformer.golden.dir} names.
 */
class GoldenTransformerTest {
  private static final double FLOAT32_TOLERANCE = 1e-4;
  private static final double BFLOAT16_TOLERANCE = 2e-2;
  /** Of outputs, and of gradients, whose rows are rounded stochastically on their way: about three times what is found. */
  private static final double INT8_TOLERANCE = 4e-2;
  private static final double INT8_GRADIENT_TOLERANCE = 1e-1;

  static List<GoldenCase> cases() throws IOException {
    List<Path> roots = new ArrayList<>();
    roots.add(Path.of("src/test/resources/golden"));
    String more = System.getProperty("sparkformer.golden.dir", "");
    if (!more.isBlank() && !more.startsWith("$")) {
      roots.add(Path.of(more));
    }
    List<GoldenCase> cases = new ArrayList<>();
    for (Path root : roots) {
      try (Stream<Path> folders = Files.list(root)) {
        for (Path folder : folders.filter(f -> Files.exists(f.resolve("case.json"))).sorted().toList()) {
          cases.add(GoldenCase.read(folder));
        }
      }
      assertThat(cases).as("case folders under %s", root.toAbsolutePath()).isNotEmpty();
    }
    return cases;
  }

  /** Every case with every implementation of the kernels, and what its results may differ by. */
  static List<Arguments> casesAndKernels() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (GoldenCase golden : cases()) {
      for (Kernels kernels : List.of(new Nd4jKernels(), new CpuKernels(2))) {
        all.add(Arguments.of(golden, Named.of(kernels.description(), kernels), FLOAT32_TOLERANCE));
      }
      for (Kernels kernels : List.of(Bfloat16Kernels.byOneDnn(2), Bfloat16Kernels.emulated(2))) {
        all.add(Arguments.of(golden, Named.of(kernels.description(), kernels), BFLOAT16_TOLERANCE));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("casesAndKernels")
  void outputsLossAndEveryGradientAreThoseOfPyTorch(GoldenCase golden, Kernels kernels, double tolerance) {
    assertGolden(golden, kernels, tolerance, tolerance);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void onADeviceTheyAreThoseOfPyTorch(GoldenCase golden) {
    for (StandIn.Strictness strictness : StandIn.Strictness.thatCompute()) {
      try (CudaKernels kernels = StandIn.kernels(strictness, CudaSettings.ProductType.FLOAT32)) {
        assertGolden(golden, kernels, FLOAT32_TOLERANCE, FLOAT32_TOLERANCE);
      }
    }
    try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.NONE, CudaSettings.ProductType.BFLOAT16)) {
      assertGolden(golden, kernels, BFLOAT16_TOLERANCE, BFLOAT16_TOLERANCE);
    }
  }

  private static void assertGolden(GoldenCase golden, Kernels kernels, double tolerance, double gradientTolerance) {
    TransformerModel model = model(golden, kernels);
    Batch batch = golden.batch();
    int width = model.config().width();
    INDArray encoded = model.activations(batch).get(NetworkGraph.last(NetworkGraph.ENCODER, model.config().encoder()));
    assertClose("encoder output", encoded, golden.packedRows("encoder_output", "source_lengths", width), tolerance);
    assertClose("decoder output", model.output(batch), golden.packedRows("decoder_output", "target_lengths", width), tolerance);
    assertClose("logits", model.logits(batch, HeadConfig.Vocabulary.NAME),
        golden.packedRows("logits", "target_lengths", model.config().vocabulary()), tolerance);

    assertLoss(golden, model.loss(batch).only(), tolerance);
    model.clearGradients();
    assertLoss(golden, model.accumulateGradient(batch, 0).only(), tolerance);
    assertGradients(golden, model, 1, gradientTolerance);
    model.accumulateGradient(batch, 1);
    assertGradients(golden, model, 2, gradientTolerance);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void withProductsOf8BitIntegersTheyAreNear(GoldenCase golden) {
    Int8Kernels.assumeTheyRun();
    assertGolden(golden, Int8Kernels.of(2), INT8_TOLERANCE, INT8_GRADIENT_TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void graphSurvivesJsonAndModelSerializer(GoldenCase golden, @TempDir Path folder) throws IOException {
    TransformerModel model = model(golden, new Nd4jKernels());
    ComputationGraphConfiguration configuration = model.graph().getConfiguration();
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()).toJson()).isEqualTo(configuration.toJson());

    Path file = folder.resolve("model.zip");
    ModelSerializer.writeModel(model.graph(), file.toFile(), true);
    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file.toFile());
    assertThat(restored.params()).isEqualTo(model.parameters());
    assertThat(restored.getConfiguration()).isEqualTo(configuration);
    Batch batch = golden.batch();
    TransformerModel again = TransformerModel.of(golden.config(), restored, new Nd4jKernels());
    INDArray logits = model.logits(batch, HeadConfig.Vocabulary.NAME);
    assertThat(again.logits(batch, HeadConfig.Vocabulary.NAME)).isEqualTo(logits);
    assertThat(restored.summary()).contains("encoder.layers.0");
    INDArray byDl4j = restored.output(batch.encoder().ids(), batch.encoder().offsets(), batch.decoder().ids(),
        batch.decoder().offsets())[0];
    assertThat(byDl4j).isEqualTo(logits);
  }

  static TransformerModel model(GoldenCase golden, Kernels kernels) {
    TransformerModel model = TransformerModel.create(golden.config(), kernels);
    assertThat(model.namedParameters()).extracting(NamedParameter::name).containsExactlyInAnyOrderElementsOf(golden.weights().keySet());
    for (NamedParameter parameter : model.namedParameters()) {
      float[] values = golden.weights().get(parameter.name());
      assertThat((long) values.length).as(parameter.name()).isEqualTo(parameter.length());
      range(model.parameters(), parameter).assign(Nd4j.createFromArray(values));
    }
    model.parametersChanged();
    return model;
  }

  private static void assertLoss(GoldenCase golden, Loss loss, double tolerance) {
    assertThat(loss.tokens()).isEqualTo(golden.json().get("target_tokens").asLong());
    double smoothed = golden.json().get("loss_mean_per_target_token").asDouble();
    double nll = golden.json().get("nll_mean_per_target_token").asDouble();
    assertThat(loss.smoothed() / loss.tokens()).isCloseTo(smoothed, within(tolerance * smoothed));
    assertThat(loss.negativeLogLikelihood() / loss.tokens()).isCloseTo(nll, within(tolerance * nll));
  }

  /**
   * The golden gradients are of the mean over target tokens, ours of the sum, over {@code passes} passes. Where products
   * round, a few sums at a ReLU that are almost 0 get another sign, and with it another gradient for all weights of that unit: a few of a
   * thousand elements.
   */
  private static void assertGradients(GoldenCase golden, TransformerModel model, int passes, double tolerance) {
    double tokens = golden.json().get("target_tokens").asDouble() * passes;
    boolean signsMayDiffer = tolerance > FLOAT32_TOLERANCE && golden.json().get("activation").asText().equals("relu");
    long far = 0;
    for (NamedParameter parameter : model.namedParameters()) {
      String name = "gradient of " + parameter.name();
      INDArray gradient = range(model.gradients(), parameter).div(tokens);
      float[] expected = golden.expected().get("grad." + parameter.name());
      assertClose(name, gradient, expected, signsMayDiffer ? 6 * tolerance : tolerance);
      far += countFar(gradient, expected, tolerance);
    }
    assertThat(far).as("elements that differ by more").isLessThanOrEqualTo(signsMayDiffer ? model.gradients().length() / 400 : 0);
  }

  private static long countFar(INDArray found, float[] expected, double tolerance) {
    float[] values = found.reshape(found.length()).dup('c').toFloatVector();
    double largest = largest(expected);
    return IntStream.range(0, values.length).filter(i -> Math.abs(values[i] - expected[i]) > tolerance * largest).count();
  }

  private static double largest(float[] values) {
    double largest = 1e-6;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static INDArray range(INDArray flat, NamedParameter parameter) {
    return flat.get(NDArrayIndex.interval(parameter.offset(), parameter.offset() + parameter.length()));
  }

  /** Within the tolerance, relative to the largest value of the array. */
  private static void assertClose(String what, INDArray found, float[] expected, double tolerance) {
    float[] values = found.reshape(found.length()).dup('c').toFloatVector();
    assertThat(values.length).as(what).isEqualTo(expected.length);
    double largest = largest(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(tolerance * largest));
    }
  }
}
