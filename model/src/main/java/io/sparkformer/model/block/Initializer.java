package io.sparkformer.model.block;

import java.util.Random;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How a parameter's first values are drawn. */
public sealed interface Initializer {
  /** All the same. */
  record Constant(float value) implements Initializer {
    @Override
    public float next(Random random) {
      return value;
    }
  }

  /** Uniform in {@code +-bound}. */
  record Uniform(double bound) implements Initializer {
    @Override
    public float next(Random random) {
      return (float) (bound * (2 * random.nextDouble() - 1));
    }
  }

  /** Normal around 0. */
  record Normal(double deviation) implements Initializer {
    @Override
    public float next(Random random) {
      return (float) (random.nextGaussian() * deviation);
    }
  }

  /** One rule for the elements from {@code from} to before {@code to}, counted in C order, and another for the rest. */
  record Part(long from, long to, Initializer inside, Initializer outside) implements Initializer {
    @Override
    public float next(Random random) {
      return outside.next(random);
    }

    @Override
    public float next(Random random, long element) {
      return (element >= from && element < to ? inside : outside).next(random);
    }
  }

  Initializer ZEROS = new Constant(0);
  Initializer ONES = new Constant(1);

  float next(Random random);

  /** The value of an element. */
  default float next(Random random, long element) {
    return next(random);
  }

  /** Fills the view, a function of the seed alone. */
  default void fill(INDArray view, long seed) {
    Random random = new Random(new SplittableRandom(seed).nextLong());
    float[] values = new float[Math.toIntExact(view.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = next(random, i);
    }
    INDArray array = Nd4j.createFromArray(values);
    view.assign(view.dataType() == DataType.FLOAT ? array : array.castTo(view.dataType()));
  }
}
