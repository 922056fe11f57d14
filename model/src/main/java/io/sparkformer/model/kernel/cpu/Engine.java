package io.sparkformer.model.kernel.cpu;

import java.util.stream.Stream;

/**
 * What the kernels of one graph share: threads, the precision of products, and scratch memory that holds nothing from one call to the
 * next. One kernel runs at a time, so all of them use the same.
 */
final class Engine {
  private static final int BUFFERS = 5;

  private final Team team;
  private final Arithmetic arithmetic;
  private final Buffer[] scratch = Stream.generate(Buffer::new).limit(BUFFERS).toArray(Buffer[]::new);

  Engine(int threads, Arithmetic arithmetic) {
    this.team = new Team(threads);
    this.arithmetic = arithmetic;
  }

  Team team() {
    return team;
  }

  Arithmetic arithmetic() {
    return arithmetic;
  }

  /** One of five buffers. */
  Buffer scratch(int which) {
    return scratch[which];
  }
}
