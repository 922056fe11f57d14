package io.sparkformer.model.kernel.cpu;

/** The Java arrays in which one thread works on one head of one sentence; they grow to the longest sentence. */
final class HeadMemory {
  private static final ThreadLocal<HeadMemory> OF_THREAD = ThreadLocal.withInitial(HeadMemory::new);

  /** Arrays of rows of a head. */
  float[] query = new float[0];
  float[] key = new float[0];
  float[] value = new float[0];
  float[] context = new float[0];
  /** Arrays of {@code [query_time, padded(key_time)]}. */
  float[] probabilities = new float[0];
  float[] dropped = new float[0];
  float[] scores = new float[0];
  final float[] lanes = new float[Lanes.COUNT];

  private HeadMemory() {}

  static HeadMemory ofThread() {
    return OF_THREAD.get();
  }

  /** Makes every array large enough. */
  HeadMemory reserve(int queryTime, int keyTime, int width) {
    int padded = Lanes.padded(width);
    int keys = Lanes.padded(keyTime);
    query = grown(query, Math.max(queryTime, keyTime) * padded);
    context = grown(context, Math.max(queryTime, keyTime) * padded);
    key = grown(key, keys * padded);
    value = grown(value, keys * padded);
    probabilities = grown(probabilities, queryTime * keys);
    dropped = grown(dropped, queryTime * keys);
    scores = grown(scores, queryTime * keys);
    return this;
  }

  private static float[] grown(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
