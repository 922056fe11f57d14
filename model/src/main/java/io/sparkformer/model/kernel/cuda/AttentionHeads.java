package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cuda.array.DeviceWeight;
import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import java.util.Arrays;
import java.util.Map;

/**
 * Attention between the projections. The program is compiled for the configuration, so that what it does not have costs nothing. Backward,
 * one kernel makes the gradients of queries and a second those of keys and values: each computes the probabilities again, and no two
 * threads add to one number.
 */
final class AttentionHeads {
  /** Queries, or keys, of a block: a warp has one. */
  private static final int WARPS = 4;
  private static final int TILE = 32;
  private static final int MAX_HEAD_WIDTH = 256;
  private static final int NUMBERS = 5;

  private final CudaEngine engine;
  private final AttentionConfig config;
  /** {@code [buckets, heads]}; null for none. */
  private final DeviceWeight table;
  private final AttentionPositions.Relative relative;
  private final Map<String, Integer> definitions;

  /**
   * Where queries and keys of each sequence lie.
   *
   * @param numbers of each sequence five: first query's row, queries, first key's row, keys, position of the first query
   */
  record Sequences(int[] numbers) {
    static Sequences of(Segments queries, Segments keys) {
      int[] numbers = new int[NUMBERS * queries.sentences()];
      for (int s = 0; s < queries.sentences(); s++) {
        put(numbers, s, queries.start(s), queries.length(s), keys.start(s), keys.length(s), 0);
      }
      return new Sequences(numbers);
    }

    static void put(int[] numbers, int sequence, int... values) {
      System.arraycopy(values, 0, numbers, NUMBERS * sequence, NUMBERS);
    }

    int count() {
      return numbers.length / NUMBERS;
    }

    int queries(int sequence) {
      return numbers[NUMBERS * sequence + 1];
    }

    int keys(int sequence) {
      return numbers[NUMBERS * sequence + 3];
    }

    /** One more than the largest position of a query or a key. */
    int longest() {
      int longest = 1;
      for (int s = 0; s < count(); s++) {
        longest = Math.max(longest, Math.max(keys(s), numbers[NUMBERS * s + 4] + queries(s)));
      }
      return longest;
    }
  }

  /** Blocks of successive queries, or keys, of one sequence each: the number of the sequence, and the first query. */
  private record Blocks(int[] sequences, int[] firsts) {
    static Blocks of(int[] counts) {
      int blocks = Arrays.stream(counts).map(count -> (count + WARPS - 1) / WARPS).sum();
      int[] sequences = new int[blocks];
      int[] firsts = new int[blocks];
      int at = 0;
      for (int s = 0; s < counts.length; s++) {
        for (int first = 0; first < counts[s]; first += WARPS) {
          sequences[at] = s;
          firsts[at++] = first;
        }
      }
      return new Blocks(sequences, firsts);
    }

    static Blocks ofQueries(Sequences sequences) {
      int[] counts = new int[sequences.count()];
      Arrays.setAll(counts, sequences::queries);
      return of(counts);
    }

    static Blocks ofKeys(Sequences sequences) {
      int[] counts = new int[sequences.count()];
      Arrays.setAll(counts, sequences::keys);
      return of(counts);
    }

    int count() {
      return sequences.length;
    }
  }

  /**
   * What is added to scores, on the device: addresses, 0 for what there is not.
   *
   * @param slopes of linear biases, for every head
   * @param table of relative positions
   * @param buckets of all distances, from {@code -zero} on
   */
  private record Bias(long slopes, long table, long buckets, int zero) {}

  AttentionHeads(CudaEngine engine, AttentionConfig config, DeviceWeight table) {
    if (config.headWidth() > MAX_HEAD_WIDTH) {
      throw new IllegalArgumentException("The CUDA kernels have heads of at most %d elements, found %d"
          .formatted(MAX_HEAD_WIDTH, config.headWidth()));
    }
    this.engine = engine;
    this.config = config;
    this.table = table;
    this.relative = config.positions() instanceof AttentionPositions.Relative of ? of : null;
    this.definitions = Map.of("WIDTH", config.headWidth(), "GROUP", config.group(), "CAUSAL", config.masking() == Masking.CAUSAL ? 1 : 0,
        "WINDOW", config.window(), "BUCKETS", relative == null ? 0 : relative.buckets(), "ALIBI",
        config.positions() instanceof AttentionPositions.Alibi ? 1 : 0);
  }

  private Bias bias(Call call, Sequences sequences) {
    if (config.positions() instanceof AttentionPositions.Alibi alibi) {
      double[] slopes = AttentionPositions.Alibi.slopes(config.heads());
      float[] factors = new float[slopes.length];
      for (int h = 0; h < factors.length; h++) {
        factors[h] = (float) (alibi.factor() * slopes[h]);
      }
      return new Bias(engine.constant(factors), 0, 0, 0);
    }
    if (relative == null) {
      return new Bias(0, 0, 0, 0);
    }
    int zero = sequences.longest() - 1;
    int[] buckets = new int[2 * zero + 1];
    Arrays.setAll(buckets, i -> relative.bucket(i - zero, config.masking()));
    return new Bias(0, table.address(), call.upload(buckets), zero);
  }

  /**
   * Writes the values, mixed by the attention weights.
   *
   * @param context address of {@code [query tokens, heads * head_width]}
   * @param logSums address of the log-sum-exp of every query's scores {@code [query tokens, heads]}; 0 for none
   */
  void forward(Call call, Projected projected, Sequences sequences, Drops drops, long firstToken, long context, long logSums) {
    Blocks blocks = Blocks.ofQueries(sequences);
    Bias bias = bias(call, sequences);
    DeviceMatrix q = projected.q();
    DeviceMatrix k = projected.k();
    engine.kernel("attention", "attention_forward", definitions).launch(engine.queue(),
        launch(blocks.count(), config.heads(), WARPS * config.headWidth()), q.address(), q.stride(), k.address(), projected.v().address(),
        k.stride(), context, logSums, call.upload(sequences.numbers()), call.upload(blocks.sequences()), call.upload(blocks.firsts()),
        config.heads(), (float) config.scale(), bias.slopes(), bias.table(), bias.buckets(), bias.zero(), drops.key(), drops.threshold(),
        drops.scale(), firstToken);
  }

  /** Two tiles of rows, and floats beside them. */
  private Launch launch(int blocks, int heads, int floats) {
    int tiles = 2 * TILE * (config.headWidth() + 1);
    return new Launch(blocks, heads, WARPS * 32, Float.BYTES * (tiles + floats));
  }

  /**
   * Writes the gradients of queries, keys and values; adds that of the table of relative positions.
   *
   * @param context of the forward pass
   * @param logSums of the forward pass
   */
  void backward(Call call, Projected projected, Sequences sequences, Drops drops, long firstToken, long context, long contextGradient,
      long logSums, Projected gradient) {
    Blocks queries = Blocks.ofQueries(sequences);
    Blocks keys = Blocks.ofKeys(sequences);
    Bias bias = bias(call, sequences);
    DeviceMatrix q = projected.q();
    DeviceMatrix k = projected.k();
    long numbers = call.upload(sequences.numbers());
    long dots = call.scratchBytes(Float.BYTES * q.rows() * config.heads());
    int biases = relative == null ? 0 : relative.buckets() * config.heads();
    long biasPartial = biases == 0 ? 0 : call.scratchBytes((long) Float.BYTES * queries.count() * biases);
    int buckets = relative == null ? 0 : relative.buckets();
    engine.kernel("attention", "attention_backward_queries", definitions).launch(engine.queue(),
        launch(queries.count(), config.heads(), WARPS * (2 * config.headWidth() + buckets)), q.address(), q.stride(), k.address(),
        projected.v().address(), k.stride(), context, contextGradient, logSums, dots, gradient.q().address(), gradient.q().stride(),
        numbers,
        call.upload(queries.sequences()), call.upload(queries.firsts()), config.heads(), (float) config.scale(), bias.slopes(),
        bias.table(),
        bias.buckets(), bias.zero(), biasPartial, drops.key(), drops.threshold(), drops.scale(), firstToken);
    engine.kernel("attention", "attention_backward_keys", definitions).launch(engine.queue(),
        launch(keys.count(), config.keyValueHeads(), WARPS * 2 * config.headWidth()), q.address(), q.stride(), k.address(),
        projected.v().address(), k.stride(), contextGradient, logSums, dots, gradient.k().address(), gradient.v().address(),
        gradient.k().stride(), numbers, call.upload(keys.sequences()), call.upload(keys.firsts()), config.heads(), (float) config.scale(),
        bias.slopes(), bias.table(), bias.buckets(), bias.zero(), drops.key(), drops.threshold(), drops.scale(), firstToken);
    if (biases > 0 && table.hasGradient()) {
      ColumnSums.addPartial(engine, biasPartial, table.gradient(), queries.count(), biases);
    }
  }
}
