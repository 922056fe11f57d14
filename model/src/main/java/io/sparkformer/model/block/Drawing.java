package io.sparkformer.model.block;

import io.sparkformer.model.config.Initialization;

/**
 * The first values of a network's parameters.
 *
 * @param rule of the network
 * @param layers of the stack
 * @param seed of the network
 */
public record Drawing(Initialization rule, int layers, long seed) {
  private static final double NORMAL_DEVIATION = 0.02;

  /** Of a table of embeddings {@code [rows, width]}. */
  Parameter table(String name, long rows, long width) {
    return new Parameter(name, switch (rule) {
      case GLOROT -> new Initializer.Normal(1 / Math.sqrt(width));
      case NORMAL, NORMAL_SCALED_RESIDUALS -> new Initializer.Normal(NORMAL_DEVIATION);
      case FAN_IN -> new Initializer.Normal(1);
    }, rows, width);
  }

  /** Of a matrix {@code [out, in]}. */
  Parameter matrix(String name, long out, long in) {
    return new Parameter(name, switch (rule) {
      case GLOROT -> new Initializer.Uniform(Math.sqrt(6.0 / (out + in)));
      case NORMAL, NORMAL_SCALED_RESIDUALS -> new Initializer.Normal(NORMAL_DEVIATION);
      case FAN_IN -> new Initializer.Normal(1 / Math.sqrt(in));
    }, out, in);
  }

  /** Of a matrix {@code [out, in]} whose output is added to the residual stream. */
  Parameter residualMatrix(String name, long out, long in) {
    return rule == Initialization.NORMAL_SCALED_RESIDUALS
        ? new Parameter(name, new Initializer.Normal(NORMAL_DEVIATION / Math.sqrt(2.0 * layers)), out, in)
        : matrix(name, out, in);
  }

  static Parameter zeros(String name, long... shape) {
    return new Parameter(name, Initializer.ZEROS, shape);
  }

  static Parameter ones(String name, long... shape) {
    return new Parameter(name, Initializer.ONES, shape);
  }
}
