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
  /** For rounded weights, on their way into packed layouts. */
  public final Buffer rounded = new Buffer();
  /** For the columns of a gradient, or rounded weights, transposed. */
  public final Buffer transposed = new Buffer();
  /** For the last rows of a product, padded. */
  public final Buffer tail = new Buffer();
  /** For oneDNN. */
  public final Buffer library = new Buffer();

  private float[] activated = new float[0];
  private float[] slopes = new float[0];

  private ThreadScratch() {}

  /** The calling thread's. */
  public static ThreadScratch get() {
    return OF_THREAD.get();
  }

  /** For a row that an activation function gives, where that is needed again. */
  public float[] activated(int columns) {
    activated = grown(activated, columns);
    return activated;
  }

  /** For a row of its derivative. */
  public float[] slopes(int columns) {
    slopes = grown(slopes, columns);
    return slopes;
  }

  private static float[] grown(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
