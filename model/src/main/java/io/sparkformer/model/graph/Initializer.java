package io.sparkformer.model.graph;

import java.util.Random;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How a parameter's first values are drawn. */
enum Initializer {
  ZEROS {
    @Override
    float next(Random random, long[] shape) {
      return 0;
    }
  },
  ONES {
    @Override
    float next(Random random, long[] shape) {
      return 1;
    }
  },
  /** Uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio 2010, equation 16). */
  XAVIER_UNIFORM {
    @Override
    float next(Random random, long[] shape) {
      return (float) (Math.sqrt(6.0 / (shape[0] + shape[1])) * (2 * random.nextDouble() - 1));
    }
  },
  /** Normal with standard deviation d_model^-0.5, so that scaled embeddings have unit variance, and so do tied logits. */
  EMBEDDING {
    @Override
    float next(Random random, long[] shape) {
      return (float) (random.nextGaussian() / Math.sqrt(shape[1]));
    }
  };

  abstract float next(Random random, long[] shape);

  void fill(INDArray view, long[] shape, long seed) {
    Random random = new Random(new SplittableRandom(seed).nextLong());
    float[] values = new float[Math.toIntExact(view.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = next(random, shape);
    }
    INDArray array = Nd4j.createFromArray(values);
    view.assign(view.dataType() == DataType.FLOAT ? array : array.castTo(view.dataType()));
  }
}
