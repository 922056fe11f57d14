import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** ONNX Runtime on the CPU with all its graph optimizations: sentences of about one length together, padded to the longest. */
final class OnnxEngine implements EmbeddingBench.Engine {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OnnxEngine(Path file, int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    session = environment.createSession(file.toString(), options);
    System.out.println("ONNX Runtime " + environment.getVersion() + ", " + threads + " thread(s)");
  }

  @Override
  public float[][] embed(List<int[]> sentences, int batchTokens) throws OrtException {
    float[][] vectors = new float[sentences.size()][];
    for (List<Integer> batch : batches(sentences, batchTokens)) {
      embed(sentences, batch, vectors);
    }
    return vectors;
  }

  /** Places of sentences, longest first; a batch takes {@code batchTokens} tokens at most, padding included, and at least a sentence. */
  private static List<List<Integer>> batches(List<int[]> sentences, int batchTokens) {
    List<Integer> places = IntStream.range(0, sentences.size()).boxed()
        .sorted(Comparator.comparingInt(place -> -sentences.get(place).length)).collect(Collectors.toList());
    List<List<Integer>> batches = new ArrayList<>();
    for (int from = 0; from < places.size();) {
      int to = Math.min(places.size(), from + Math.max(1, batchTokens / sentences.get(places.get(from)).length));
      batches.add(places.subList(from, to));
      from = to;
    }
    return batches;
  }

  private void embed(List<int[]> sentences, List<Integer> batch, float[][] vectors) throws OrtException {
    int longest = sentences.get(batch.get(0)).length;
    long[] shape = {batch.size(), longest};
    LongBuffer ids = zeros(batch.size() * longest);
    LongBuffer mask = zeros(batch.size() * longest);
    for (int i = 0; i < batch.size(); i++) {
      int[] tokens = sentences.get(batch.get(i));
      for (int j = 0; j < tokens.length; j++) {
        ids.put(i * longest + j, tokens[j]);
        mask.put(i * longest + j, 1);
      }
    }
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids, shape);
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask, shape);
        OnnxTensor typeTensor = OnnxTensor.createTensor(environment, zeros(batch.size() * longest), shape);
        OrtSession.Result result = session.run(Map.of("input_ids", idTensor, "attention_mask", maskTensor,
            "token_type_ids", typeTensor))) {
      OnnxTensor hidden = (OnnxTensor) result.get(0);
      int width = (int) hidden.getInfo().getShape()[2];
      FloatBuffer values = hidden.getByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (int i = 0; i < batch.size(); i++) {
        vectors[batch.get(i)] = mean(values, i * longest, sentences.get(batch.get(i)).length, width);
      }
    }
  }

  private static float[] mean(FloatBuffer values, int firstRow, int rows, int width) {
    float[] mean = new float[width];
    float[] row = new float[width];
    for (int i = 0; i < rows; i++) {
      values.get((firstRow + i) * width, row);
      for (int j = 0; j < width; j++) {
        mean[j] += row[j];
      }
    }
    EmbeddingBench.normalize(mean);
    return mean;
  }

  private static LongBuffer zeros(int length) {
    return ByteBuffer.allocateDirect(length * Long.BYTES).order(ByteOrder.nativeOrder()).asLongBuffer();
  }
}
