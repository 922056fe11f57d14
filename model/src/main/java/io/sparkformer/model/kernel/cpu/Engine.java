package io.sparkformer.model.kernel.cpu;

/**
 * What the kernels of one graph share: threads, and scratch memory that holds nothing from one call to the next. One kernel runs at a
 * time, so all of them use the same.
 */
final class Engine {
  private final Team team;
  private final Buffer[] scratch = {new Buffer(), new Buffer()};

  Engine(int threads) {
    this.team = new Team(threads);
  }

  Team team() {
    return team;
  }

  /** One of two buffers. */
  Buffer scratch(int which) {
    return scratch[which];
  }
}
