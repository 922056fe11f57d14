package io.sparkformer.model.kernel;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What {@link KernelFallbackTest} starts: selects kernels for the platform that is its first argument, of each of the precisions that
 * follow, and prints by how much the outputs and gradients of a feed-forward layer differ from the portable ones in double precision,
 * relative to the largest; or why there are none.
 */
final class SelectionOnOtherMachines {
  private static final int TOKENS = 77;
  private static final int WIDTH = 40;
  private static final int FFN = 150;
  private static final double DEVIATION = 0.2;

  private SelectionOnOtherMachines() {}

  public static void main(String[] args) {
    INDArray expected = result(new Nd4jKernels(), DataType.DOUBLE);
    for (String precision : List.of(args).subList(1, args.length)) {
      try {
        Kernels kernels = KernelSelection.select(KernelChoice.AUTO, Precision.valueOf(precision), Processors.ofHost(2), args[0]);
        INDArray found = result(kernels, DataType.FLOAT).castTo(DataType.DOUBLE);
        double difference = found.sub(expected).amaxNumber().doubleValue() / expected.amaxNumber().doubleValue();
        System.out.printf(Locale.ROOT, "%s: %s; difference %.6f%n", precision, kernels.description(), difference);
      } catch (IllegalStateException e) {
        System.out.printf("%s is refused: %s%n", precision, e.getMessage());
      }
    }
  }

  private static INDArray result(Kernels kernels, DataType type) {
    Random random = new Random(3);
    FeedForwardWeights weights = new FeedForwardWeights(weight(type, random, FFN, WIDTH), weight(type, random, FFN),
        weight(type, random, WIDTH, FFN), weight(type, random, WIDTH));
    FeedForwardKernel kernel = kernels.feedForward(weights,
        new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, FFN, Activation.GELU, Biases.ALL, 0.1), new Dropout(0.1, 1, 2));
    Forward forward = kernel.forward(array(type, random, TOKENS, WIDTH), 0, Pass.training(4), kernels.memory());
    INDArray gradient = forward.backward().run(array(type, random, TOKENS, WIDTH), kernels.memory())[0];
    return Nd4j.concat(0, flat(forward.output()), flat(gradient), flat(weights.inner().gradient()), flat(weights.outer().gradient()));
  }

  private static INDArray flat(INDArray array) {
    return array.reshape(array.length());
  }

  private static Weight weight(DataType type, Random random, long... shape) {
    return new Weight(array(type, random, shape), Nd4j.zeros(type, shape));
  }

  private static INDArray array(DataType type, Random random, long... shape) {
    INDArray array = Nd4j.create(type, shape, 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, (float) (DEVIATION * random.nextGaussian()));
    }
    return array;
  }
}
