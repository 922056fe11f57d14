import ai.onnxruntime.OrtException;
import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.model.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Vectors of sentences, by the project's kernels in each precision and by ONNX Runtime with the same weights, timed in turn in one
 * process. A vector is the mean of the last layer's rows, divided by its length. What counts is the way from token ids to vectors;
 * cutting text into tokens is the same for all, and done before.
 */
public final class EmbeddingBench {
  private static final int[] BATCH_TOKENS = {256, 512, 1024, 2048, 4096, 8192};
  private static final int LONGEST = 256;
  /** Sentences that an engine reads while it gets warm and finds its batch size. */
  private static final int TRIED = 400;

  private EmbeddingBench() {}

  /** Makes vectors; opened once. */
  interface Engine {
    /** Vectors {@code [width]} of sentences in their order, computed in batches of about so many tokens, padding included. */
    float[][] embed(List<int[]> sentences, int batchTokens) throws OrtException;
  }

  public static void main(String[] args) throws IOException, OrtException {
    Map<String, String> options = new HashMap<>();
    for (int i = 3; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "5"));
    int threads = Integer.parseInt(options.getOrDefault("--threads", "2"));
    List<int[]> sentences = tokens(Path.of(args[0]), Path.of(args[2]), Integer.parseInt(options.getOrDefault("--sentences", "2000")));
    Map<String, Engine> engines = new LinkedHashMap<>();
    engines.put("onnxruntime", new OnnxEngine(Path.of(args[1]), threads));
    for (String precision : options.getOrDefault("--precisions", "float32,bfloat16,int8").split(",")) {
      engines.put(precision, new KernelEngine(Path.of(args[0]), Precision.valueOf(precision.toUpperCase(Locale.ROOT)), threads));
    }
    Map<String, Integer> batchTokens = new HashMap<>();
    for (Map.Entry<String, Engine> engine : engines.entrySet()) {
      batchTokens.put(engine.getKey(), fastestBatch(engine.getKey(), engine.getValue(), sentences));
    }
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    Map<String, float[][]> vectors = new HashMap<>();
    for (int round = 1; round <= rounds; round++) {
      StringBuilder line = new StringBuilder("round ").append(round);
      for (Map.Entry<String, Engine> engine : engines.entrySet()) {
        long start = System.nanoTime();
        vectors.put(engine.getKey(), engine.getValue().embed(sentences, batchTokens.get(engine.getKey())));
        double rate = sentences.size() / seconds(start);
        rates.computeIfAbsent(engine.getKey(), name -> new ArrayList<>()).add(rate);
        line.append(String.format(Locale.ROOT, "  %s %.0f/s", engine.getKey(), rate));
      }
      System.out.println(line);
    }
    report(rates, vectors);
  }

  private static List<int[]> tokens(Path folder, Path text, int most) throws IOException {
    List<String> lines;
    try (var all = Files.lines(text)) {
      lines = all.filter(line -> !line.isBlank()).limit(most).toList();
    }
    try (InputEncoder encoder = InputEncoder.load(new Configuration(),
        new org.apache.hadoop.fs.Path(folder.resolve("tokenizer.json").toUri()))) {
      long start = System.nanoTime();
      List<int[]> ids = encoder.encode(lines, LONGEST).stream().map(InputEncoder.Encoded::ids).toList();
      System.out.printf(Locale.ROOT, "%,d sentences, %,d tokens, cut in %.2f s%n", ids.size(),
          ids.stream().mapToLong(row -> row.length).sum(), seconds(start));
      return ids;
    }
  }

  private static int fastestBatch(String name, Engine engine, List<int[]> sentences) throws OrtException {
    List<int[]> some = sentences.subList(0, Math.min(TRIED, sentences.size()));
    StringBuilder line = new StringBuilder(name).append(": sentences/s by tokens of a batch:");
    int best = 0;
    double fastest = 0;
    engine.embed(some, BATCH_TOKENS[0]);
    for (int batchTokens : BATCH_TOKENS) {
      engine.embed(some, batchTokens);
      long start = System.nanoTime();
      engine.embed(some, batchTokens);
      double rate = some.size() / seconds(start);
      line.append(String.format(Locale.ROOT, " %,d: %.0f", batchTokens, rate));
      if (rate > fastest) {
        fastest = rate;
        best = batchTokens;
      }
    }
    System.out.println(line);
    return best;
  }

  private static void report(Map<String, List<Double>> rates, Map<String, float[][]> vectors) {
    List<Double> theirs = rates.get("onnxruntime");
    float[][] reference = vectors.get("onnxruntime");
    System.out.printf("%-12s %12s %28s %32s%n", "", "sentences/s", "ratio (least to greatest)", "greatest difference of cosines");
    rates.forEach((name, ours) -> {
      double[] ratios = new double[ours.size()];
      Arrays.setAll(ratios, i -> ours.get(i) / theirs.get(i));
      Arrays.sort(ratios);
      System.out.printf(Locale.ROOT, "%-12s %12.0f %10.2f (%.2f to %.2f) %32.5f%n", name, median(ours.stream().sorted().toList()),
          median(Arrays.stream(ratios).boxed().toList()), ratios[0], ratios[ratios.length - 1],
          cosineDifference(vectors.get(name), reference));
    });
  }

  /** Over all pairs of sentences. */
  private static double cosineDifference(float[][] vectors, float[][] reference) {
    double most = 0;
    for (int i = 0; i < vectors.length; i++) {
      for (int j = 0; j < i; j++) {
        most = Math.max(most, Math.abs(dot(vectors[i], vectors[j]) - dot(reference[i], reference[j])));
      }
    }
    return most;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  static void normalize(float[] vector) {
    double inverse = 1 / Math.sqrt(dot(vector, vector));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= (float) inverse;
    }
  }

  private static double median(List<Double> sorted) {
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
