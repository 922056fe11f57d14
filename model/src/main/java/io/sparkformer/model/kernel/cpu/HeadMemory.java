package io.sparkformer.model.kernel.cpu;

/** The Java arrays in which one thread works on some heads of one sentence; they grow to the longest sentence. */
final class HeadMemory {
  private static final ThreadLocal<HeadMemory> OF_THREAD = ThreadLocal.withInitial(HeadMemory::new);

  /** Elements between the beginnings of neighbouring rows of several heads. */
  int stride;
  /** Where the first rows begin, as many as a vector has lanes. */
  final int[] starts = new int[Lanes.COUNT];
  /** Arrays of rows of several heads, {@code [time, stride]}. */
  float[] query = new float[0];
  float[] key = new float[0];
  float[] value = new float[0];
  float[] context = new float[0];
  /** Transposed rows of queries: {@code [width, padded(query_time)]}. */
  float[] transposed = new float[0];
  /** Arrays of {@code [key_time, padded(query_time)]}. */
  float[] probabilities = new float[0];
  float[] dropped = new float[0];
  float[] scores = new float[0];
  /** What dropout's hash starts from, for each query; zero behind them. */
  int[] keys = new int[0];
  final float[] lanes = new float[Lanes.COUNT];

  private HeadMemory() {}

  static HeadMemory ofThread() {
    return OF_THREAD.get();
  }

  /** Makes every array large enough. */
  HeadMemory reserve(int queryTime, int keyTime, int width, int heads) {
    // A power of two would put all rows of a head into a few sets of the cache.
    stride = heads * Lanes.padded(width) + Lanes.COUNT;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i * stride;
    }
    int queries = Lanes.padded(queryTime);
    int most = Math.max(queryTime, keyTime) * stride;
    query = grown(query, most);
    context = grown(context, most);
    key = grown(key, most);
    value = grown(value, most);
    transposed = grown(transposed, width * queries);
    int weights = Math.max(keyTime * queries, Lanes.padded(keyTime));
    probabilities = grown(probabilities, weights);
    dropped = grown(dropped, weights);
    scores = grown(scores, weights);
    keys = keys.length >= queries ? keys : new int[queries];
    return this;
  }

  private static float[] grown(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
