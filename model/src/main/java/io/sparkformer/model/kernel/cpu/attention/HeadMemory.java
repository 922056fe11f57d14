package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;

/** The Java arrays in which one thread works on one tile of some heads; they grow to the largest tile. */
final class HeadMemory {
  private static final ThreadLocal<HeadMemory> OF_THREAD = ThreadLocal.withInitial(HeadMemory::new);

  /** Elements between the beginnings of neighbouring rows of several heads of queries. */
  int queryStride;
  /** The same of keys and values. */
  int keyStride;
  /** Where the first rows of queries begin, as many as a vector has lanes. */
  final int[] starts = new int[Lanes.COUNT];
  /** Arrays of rows of several heads, {@code [query_time, query stride]}. */
  float[] query = new float[0];
  float[] context = new float[0];
  /** Arrays of rows of several heads, {@code [key_time, key stride]}. */
  float[] key = new float[0];
  float[] value = new float[0];
  float[] keyGradient = new float[0];
  float[] valueGradient = new float[0];
  /** Transposed rows of queries, of several heads, and of the context's gradient: {@code [width, padded(query_time)]}. */
  float[] transposed = new float[0];
  float[] contextTransposed = new float[0];
  /** Arrays of {@code [key_time + 1, padded(query_time)]}. */
  float[] probabilities = new float[0];
  float[] scores = new float[0];
  /** Arrays of {@code [heads, padded(query_time)]}, see {@link SoftmaxColumns}. */
  float[] largest = new float[0];
  float[] sums = new float[0];
  float[] factors = new float[0];
  float[] means = new float[0];
  /** Sums of the gradients of scores by distance, of several heads. */
  float[] distances = new float[0];
  /** What dropout's hash starts from, for each query; zero behind them. */
  int[] keys = new int[0];
  final float[] lanes = new float[Lanes.COUNT];
  /** A vector for each lane. */
  final float[] products = new float[Lanes.COUNT * Lanes.COUNT];

  private HeadMemory() {}

  static HeadMemory ofThread() {
    return OF_THREAD.get();
  }

  /** Makes the arrays large enough for tiles of so many queries and keys, and for so many heads of either. */
  HeadMemory reserve(int queries, int keys, int width, int queryHeads, int keyHeads) {
    // A power of two would put all rows of a head into a few sets of the cache.
    queryStride = queryHeads * Lanes.padded(width) + Lanes.COUNT;
    keyStride = keyHeads * Lanes.padded(width) + Lanes.COUNT;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i * queryStride;
    }
    int padded = Lanes.padded(queries);
    query = grown(query, queries * queryStride);
    context = grown(context, queries * queryStride);
    key = grown(key, keys * keyStride);
    value = grown(value, keys * keyStride);
    transposed = grown(transposed, queryHeads * width * padded);
    scores = grown(scores, (keys + 1) * padded);
    probabilities = grown(probabilities, keys * padded);
    largest = grown(largest, queryHeads * padded);
    sums = grown(sums, queryHeads * padded);
    factors = grown(factors, queryHeads * padded);
    this.keys = this.keys.length >= padded ? this.keys : new int[padded];
    return this;
  }

  /** {@link #reserve} for a backward pass too, of sentences of so many queries. */
  HeadMemory reserveBackward(int queries, int keys, int width, int queryHeads, int keyHeads, int queryTime) {
    reserve(queries, keys, width, queryHeads, keyHeads);
    keyGradient = grown(keyGradient, keys * keyStride);
    valueGradient = grown(valueGradient, keys * keyStride);
    contextTransposed = grown(contextTransposed, width * Lanes.padded(queries));
    means = grown(means, queryHeads * (queryTime + Lanes.COUNT));
    return this;
  }

  /** Makes {@link #query}, {@link #context} and {@link #scores} large enough for rows of single heads and {@code [queries, keys]}. */
  HeadMemory reserveRows(int queries, int keys, int width) {
    queryStride = Lanes.padded(width) + Lanes.COUNT;
    query = grown(query, queries * queryStride);
    context = grown(context, queries * queryStride);
    scores = grown(scores, Math.multiplyExact(queries, keys));
    return this;
  }

  /** Makes room for sums by so many distances, of so many heads, and sets them to zero. */
  float[] clearedDistances(int heads, int count) {
    distances = grown(distances, heads * count);
    Arrays.fill(distances, 0, heads * count, 0);
    return distances;
  }

  private static float[] grown(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
