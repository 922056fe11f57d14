package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecoderLimits;
import io.sparkformer.model.decode.LogitsDecoder;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.TopTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * A source of a model that spells a sentence backwards; a token is an ASCII character, {@code ?} stands for others. The right token has
 * probability 0.99, the end token 0.004; after the last, {@code x} has 0.004.
 */
record ReversingModel(int maxLength, String name, List<Path> files) implements TranslationModelSource {

  private static final long serialVersionUID = 1L;
  private static final int VOCABULARY = 128;
  private static final int END = 2;
  private static final int UNKNOWN = '?';

  ReversingModel(int maxLength, String name) {
    this(maxLength, name, List.of());
  }

  @Override
  public TranslationModel load() {
    int longest = maxLength;
    return new TranslationModel() {
      @Override
      public List<int[]> encode(List<String> sentences) {
        return sentences.stream().map(sentence -> sentence.chars().map(each -> each < VOCABULARY ? each : UNKNOWN).toArray()).toList();
      }

      @Override
      public List<int[]> encodeTarget(List<String> texts) {
        return encode(texts);
      }

      @Override
      public List<String[]> pieces(List<String> sentences) {
        return sentences.stream().map(sentence -> sentence.split("")).toList();
      }

      @Override
      public int unknown() {
        return UNKNOWN;
      }

      @Override
      public String decode(int[] tokens) {
        return new String(tokens, 0, tokens.length);
      }

      @Override
      public ControlTokens control() {
        return ControlTokens.STANDARD;
      }

      @Override
      public LogitsDecoder newDecoder(int watchedLayer) {
        return new Decoder(longest);
      }
    };
  }

  /** A row is what is still to be spelled. */
  private static final class Decoder implements LogitsDecoder {
    private final int maxLength;
    private List<int[]> rows = List.of();
    private List<int[]> sources = List.of();

    Decoder(int maxLength) {
      this.maxLength = maxLength;
    }

    @Override
    public DecoderLimits limits() {
      return new DecoderLimits(VOCABULARY, maxLength, false);
    }

    @Override
    public NextTokens start(List<int[]> sources, int k) {
      return best(startLogits(sources), k);
    }

    @Override
    public NextTokens step(int[] tokens, int[] parents, int k) {
      return best(stepLogits(tokens, parents), k);
    }

    @Override
    public float[] startLogits(List<int[]> sources) {
      this.sources = sources;
      rows = sources.stream().map(source -> Arrays.copyOf(source, source.length + 1)).toList();
      return stepLogits(new int[sources.size()], IntStream.range(0, sources.size()).toArray());
    }

    @Override
    public float[] stepLogits(int[] tokens, int[] parents) {
      List<int[]> next = new ArrayList<>();
      float[] logits = new float[tokens.length * VOCABULARY];
      Arrays.fill(logits, Float.NEGATIVE_INFINITY);
      for (int row = 0; row < tokens.length; row++) {
        int[] left = rows.get(parents[row]);
        left = Arrays.copyOf(left, Math.max(0, left.length - 1));
        next.add(left);
        boolean finished = left.length == 0;
        logits[row * VOCABULARY + (finished ? END : left[left.length - 1])] = (float) Math.log(0.99);
        logits[row * VOCABULARY + (finished ? 'x' : END)] = (float) Math.log(0.004);
      }
      List<int[]> read = sources;
      sources = Arrays.stream(parents).mapToObj(read::get).toList();
      rows = next;
      return logits;
    }

    private NextTokens best(float[] logits, int k) {
      TopTokens top = new TopTokens(rows.size(), k, END);
      for (int row = 0; row < rows.size(); row++) {
        top.row(row, logits, row * VOCABULARY, VOCABULARY, 0);
      }
      return top.nextTokens();
    }

    /** All to the next character. */
    @Override
    public float[] attention(int row) {
      float[] weights = new float[sources.get(row).length + 1];
      weights[Math.max(0, rows.get(row).length - 1)] = 1;
      return weights;
    }

    @Override
    public void close() {
      rows = List.of();
    }
  }
}
