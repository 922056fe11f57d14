package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.StepDecoder;
import io.sparkformer.model.kernel.NextTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * A source of a model that spells a sentence backwards; a token is an ASCII character. The right token has probability 0.99, the
 * end token 0.004; after the last, {@code x} has 0.004.
 */
record ReversingModel(int maxLength, String name, List<Path> files) implements TranslationModelSource {

  private static final long serialVersionUID = 1L;
  private static final int VOCABULARY = 128;
  private static final int END = 2;

  ReversingModel(int maxLength, String name) {
    this(maxLength, name, List.of());
  }

  @Override
  public TranslationModel load() {
    int longest = maxLength;
    return new TranslationModel() {
      @Override
      public List<int[]> encode(List<String> sentences) {
        return sentences.stream().map(sentence -> sentence.chars().toArray()).toList();
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
      public StepDecoder newDecoder() {
        return new Decoder(longest);
      }
    };
  }

  /** A row is what is still to be spelled. */
  private static final class Decoder implements StepDecoder {
    private final int maxLength;
    private List<int[]> rows = List.of();

    Decoder(int maxLength) {
      this.maxLength = maxLength;
    }

    @Override
    public int vocabularySize() {
      return VOCABULARY;
    }

    @Override
    public int maxInput() {
      return maxLength - 1;
    }

    @Override
    public int maxNewTokens(int inputTokens) {
      return maxLength - 1;
    }

    @Override
    public NextTokens start(List<int[]> sources, int k) {
      rows = sources.stream().map(source -> Arrays.copyOf(source, source.length + 1)).toList();
      return step(new int[sources.size()], IntStream.range(0, sources.size()).toArray(), k);
    }

    @Override
    public NextTokens step(int[] tokens, int[] parents, int k) {
      List<int[]> next = new ArrayList<>();
      int[] ids = new int[tokens.length * k];
      float[] logProbabilities = new float[tokens.length * k];
      float[] ends = new float[tokens.length];
      Arrays.fill(logProbabilities, Float.NEGATIVE_INFINITY);
      for (int row = 0; row < tokens.length; row++) {
        int[] left = rows.get(parents[row]);
        left = Arrays.copyOf(left, Math.max(0, left.length - 1));
        next.add(left);
        boolean finished = left.length == 0;
        ids[row * k] = finished ? END : left[left.length - 1];
        logProbabilities[row * k] = (float) Math.log(0.99);
        ids[row * k + 1] = finished ? 'x' : END;
        logProbabilities[row * k + 1] = (float) Math.log(0.004);
        ends[row] = (float) Math.log(finished ? 0.99 : 0.004);
      }
      rows = next;
      return new NextTokens(k, ids, logProbabilities, ends);
    }

    @Override
    public void close() {
      rows = List.of();
    }
  }
}
