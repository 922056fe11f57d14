package io.sparkformer.model.block;

import io.sparkformer.model.config.Initialization;
import io.sparkformer.model.config.Initialization.Rule;

/**
 * The first values of a network's parameters.
 *
 * @param initialization of the network
 * @param layers of the stack
 * @param seed of the network
 */
public record Drawing(Initialization initialization, int layers, long seed) {
  /** Of a table of embeddings {@code [rows, width]}. */
  Parameter table(String name, long rows, long width) {
    return new Parameter(name, tableInitializer(width), rows, width);
  }

  /** Of a table of embeddings of which one row is padding's; -1 for none. */
  Parameter table(String name, long rows, long width, int paddingRow) {
    boolean zero = paddingRow >= 0 && (initialization.rule() == Rule.NORMAL || initialization.rule() == Rule.NORMAL_SCALED_RESIDUALS);
    Initializer drawn = tableInitializer(width);
    return new Parameter(name, zero ? new Initializer.Part(paddingRow * width, (paddingRow + 1) * width, Initializer.ZEROS, drawn) : drawn,
        rows, width);
  }

  private Initializer tableInitializer(long width) {
    return new Initializer.Normal(switch (initialization.rule()) {
      case GLOROT -> 1 / Math.sqrt(width);
      case NORMAL, NORMAL_SCALED_RESIDUALS -> initialization.deviation();
      case FAN_IN -> 1;
    });
  }

  /** Of a table of relative positions {@code [buckets, heads]} in a network of a width. */
  Parameter relativePositions(String name, long buckets, long heads, long width) {
    return initialization.rule() == Rule.FAN_IN ? new Parameter(name, new Initializer.Normal(1 / Math.sqrt(width)), buckets, heads)
        : table(name, buckets, heads);
  }

  /** Of a matrix {@code [out, in]}. */
  Parameter matrix(String name, long out, long in) {
    return new Parameter(name, switch (initialization.rule()) {
      case GLOROT -> new Initializer.Uniform(Math.sqrt(6.0 / (out + in)));
      case NORMAL, NORMAL_SCALED_RESIDUALS -> new Initializer.Normal(initialization.deviation());
      case FAN_IN -> new Initializer.Normal(1 / Math.sqrt(in));
    }, out, in);
  }

  /**
   * Of the stacked projections of queries, keys and values {@code [out, in]}.
   *
   * @param queryRows the first rows, which are those of queries
   * @param headWidth elements of a head
   */
  Parameter projection(String name, long out, long in, long queryRows, int headWidth) {
    Parameter all = matrix(name, out, in);
    return initialization.rule() != Rule.FAN_IN ? all : new Parameter(name, new Initializer.Part(0, queryRows * in,
        new Initializer.Normal(1 / Math.sqrt((double) in * headWidth)), all.initializer()), out, in);
  }

  /** Of a matrix {@code [out, in]} whose output is added to the residual stream. */
  Parameter residualMatrix(String name, long out, long in) {
    return initialization.rule() == Rule.NORMAL_SCALED_RESIDUALS
        ? new Parameter(name, new Initializer.Normal(initialization.deviation() / Math.sqrt(2.0 * layers)), out, in)
        : matrix(name, out, in);
  }

  static Parameter zeros(String name, long... shape) {
    return new Parameter(name, Initializer.ZEROS, shape);
  }

  static Parameter ones(String name, long... shape) {
    return new Parameter(name, Initializer.ONES, shape);
  }
}
