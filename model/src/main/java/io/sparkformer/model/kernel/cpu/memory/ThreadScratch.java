package io.sparkformer.model.kernel.cpu.memory;

/** Memory of one thread, for what lives within one part of a loop. */
public final class ThreadScratch {
  private static final ThreadLocal<ThreadScratch> OF_THREAD = ThreadLocal.withInitial(ThreadScratch::new);

  /** For rows that an operand of a product rounds. */
  public final Buffer draft = new Buffer();
  /** For rows of an operand, as float32 again. */
  public final Buffer floats = new Buffer();
  /** For what an activation function is applied to. */
  public final Buffer sums = new Buffer();
  /** For what it gives, where that is needed again, and for its derivative. */
  public final Buffer activated = new Buffer();
  public final Buffer slopes = new Buffer();
  /** For the columns of a gradient, transposed. */
  public final Buffer transposed = new Buffer();
  /** For the last rows of a product, padded. */
  public final Buffer tail = new Buffer();
  /** For oneDNN. */
  public final Buffer library = new Buffer();

  private ThreadScratch() {}

  /** The calling thread's. */
  public static ThreadScratch get() {
    return OF_THREAD.get();
  }
}
