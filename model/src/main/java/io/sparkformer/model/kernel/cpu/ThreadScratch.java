package io.sparkformer.model.kernel.cpu;

/** Memory of one thread, for what lives within one part of a loop. */
final class ThreadScratch {
  private static final ThreadLocal<ThreadScratch> OF_THREAD = ThreadLocal.withInitial(ThreadScratch::new);

  /** For {@link Operand#draft}. */
  final Buffer draft = new Buffer();
  /** For {@link Operand#floats}. */
  final Buffer floats = new Buffer();
  /** For what an activation function is applied to. */
  final Buffer sums = new Buffer();
  /** For what it gives, where that is needed again. */
  final Buffer activated = new Buffer();
  /** For the columns of a gradient, transposed. */
  final Buffer transposed = new Buffer();
  /** For the last rows of a product, padded. */
  final Buffer tail = new Buffer();
  /** For oneDNN. */
  final Buffer library = new Buffer();

  private ThreadScratch() {}

  static ThreadScratch get() {
    return OF_THREAD.get();
  }
}
