package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The k largest logits of rows, and their probabilities, when logits come a block of columns at a time and are not kept. Parts of the
 * blocks may be seen by several threads; each part sees its blocks in rising order. Results are the same however blocks are shared among
 * parts: of equal logits the smaller token wins, and the sums of exponentials are added up block by block.
 *
 * <p>Arrays grow to the largest step and are used again; so are those of the {@link NextTokens} that it gives.
 */
public final class TopLogits {
  private int rows;
  private int k;
  private int endToken;
  private int parts;
  private int blocks;
  /** Of every block and row: the largest logit, and the sum of the exponentials of the distances from it. */
  private float[] largest = new float[0];
  private double[] sums = new double[0];
  /** Of every part and row: how many of the k are there, their logits and tokens, largest first. */
  private int[] filled = new int[0];
  private float[] scores = new float[0];
  private int[] tokens = new int[0];
  private float[] endLogits = new float[0];
  private int[] bestTokens = new int[0];
  private float[] bestScores = new float[0];

  /** Begins a step. */
  public void begin(int ofRows, int ofK, int ofEndToken, int ofParts, int ofBlocks) {
    rows = ofRows;
    k = ofK;
    endToken = ofEndToken;
    parts = ofParts;
    blocks = ofBlocks;
    if (largest.length < blocks * rows) {
      largest = new float[blocks * rows];
      sums = new double[blocks * rows];
    }
    if (scores.length < parts * rows * k) {
      scores = new float[parts * rows * k];
      tokens = new int[parts * rows * k];
    }
    if (filled.length < parts * rows) {
      filled = new int[parts * rows];
    }
    if (endLogits.length < rows) {
      endLogits = new float[rows];
    }
    if (bestTokens.length < rows * k) {
      bestTokens = new int[rows * k];
      bestScores = new float[rows * k];
    }
    Arrays.fill(filled, 0, parts * rows, 0);
  }

  /**
   * Takes a block of columns.
   *
   * @param firstRow of all rows, that of the first row of {@code logits}
   * @param firstToken that of the first column
   */
  public void see(int part, int block, int firstRow, int firstToken, Matrix logits) {
    float[] lanes = new float[Lanes.COUNT];
    for (int i = 0; i < logits.rows(); i++) {
      int row = firstRow + i;
      int at = logits.place(i, 0);
      float max = max(logits.bytes(), at, logits.columns());
      largest[block * rows + row] = max;
      sums[block * rows + row] = sum(logits.bytes(), at, logits.columns(), max, lanes);
      int of = part * rows + row;
      if (filled[of] < k || max > scores[of * k + k - 1]) {
        find(of, logits.bytes(), at, logits.columns(), firstToken);
      }
      if (endToken >= firstToken && endToken < firstToken + logits.columns()) {
        endLogits[row] = Lanes.at(logits.bytes(), at + endToken - firstToken);
      }
    }
  }

  private static float max(ByteBuffer x, int at, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      largest = largest.max(Lanes.load(x, at + j));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    for (int j = whole; j < columns; j++) {
      max = Math.max(max, Lanes.at(x, at + j));
    }
    return max;
  }

  private static double sum(ByteBuffer x, int at, int columns, float max, float[] lanes) {
    int whole = Lanes.whole(columns);
    FloatVector exponentials = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      exponentials = exponentials.add(Lanes.exp(Lanes.load(x, at + j).sub(max)));
    }
    double sum = Lanes.sum(exponentials, lanes);
    for (int j = whole; j < columns; j++) {
      sum += Lanes.exp(Lanes.at(x, at + j) - max);
    }
    return sum;
  }

  /** Puts what is larger than the smallest of the k into its place among them. */
  private void find(int of, ByteBuffer x, int at, int columns, int firstToken) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      float threshold = filled[of] < k ? Float.NEGATIVE_INFINITY : scores[of * k + k - 1];
      if (filled[of] < k || Lanes.load(x, at + j).compare(VectorOperators.GT, threshold).anyTrue()) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          put(of, Lanes.at(x, at + j + lane), firstToken + j + lane);
        }
      }
    }
    for (int j = whole; j < columns; j++) {
      put(of, Lanes.at(x, at + j), firstToken + j);
    }
  }

  /** Tokens come in rising order: of equal logits the one that is there stays before. */
  private void put(int of, float score, int token) {
    int first = of * k;
    if (filled[of] == k && !(score > scores[first + k - 1])) {
      return;
    }
    int place = filled[of] < k ? filled[of]++ : k - 1;
    while (place > 0 && scores[first + place - 1] < score) {
      scores[first + place] = scores[first + place - 1];
      tokens[first + place] = tokens[first + place - 1];
      place--;
    }
    scores[first + place] = score;
    tokens[first + place] = token;
  }

  /** The result, all blocks seen; valid until the next step begins. */
  public NextTokens nextTokens() {
    int[] taken = new int[parts];
    for (int row = 0; row < rows; row++) {
      Arrays.fill(taken, 0);
      double logNormalizer = logNormalizer(row);
      for (int rank = 0; rank < k; rank++) {
        int best = best(row, taken);
        int place = (best * rows + row) * k + taken[best]++;
        bestTokens[row * k + rank] = tokens[place];
        bestScores[row * k + rank] = (float) (scores[place] - logNormalizer);
      }
      endLogits[row] = (float) (endLogits[row] - logNormalizer);
    }
    return new NextTokens(k, bestTokens, bestScores, endLogits);
  }

  /** The part with the largest logit that is not taken, of equal ones that with the smaller token. */
  private int best(int row, int[] taken) {
    int best = -1;
    for (int part = 0; part < parts; part++) {
      int of = part * rows + row;
      if (taken[part] < filled[of] && (best < 0 || isBefore(of * k + taken[part], (best * rows + row) * k + taken[best]))) {
        best = part;
      }
    }
    return best;
  }

  private boolean isBefore(int place, int other) {
    return scores[place] > scores[other] || scores[place] == scores[other] && tokens[place] < tokens[other];
  }

  private double logNormalizer(int row) {
    float most = Float.NEGATIVE_INFINITY;
    for (int block = 0; block < blocks; block++) {
      most = Math.max(most, largest[block * rows + row]);
    }
    double sum = 0;
    for (int block = 0; block < blocks; block++) {
      sum += sums[block * rows + row] * Math.exp((double) largest[block * rows + row] - most);
    }
    return most + Math.log(sum);
  }
}
