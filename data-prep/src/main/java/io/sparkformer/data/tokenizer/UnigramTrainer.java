package io.sparkformer.data.tokenizer;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.tokenizer.SubstringCounts.Counted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Learns a unigram model (Kudo 2018, section 3.2) of the bytes of counted words: begins with the strings that cover most of the text, fits
 * their probabilities by expectation maximization, leaves out those without which the text becomes least improbable, and so on until as
 * many are left as wanted. The constants are SentencePiece's. The 256 bytes always stay, so that every text can be cut.
 *
 * <p>Memory, on the driver: about 60 bytes for each byte of the words, of which the 1,000,000 most frequent are used, and 300 MB at most
 * for the strings to begin with.
 */
public final class UnigramTrainer {

  private static final int MOST_WORDS = 1_000_000;
  /** Pieces to begin with, for each entry of the vocabulary. */
  private static final int SEEDS_PER_ENTRY = 20;
  /** What stays of the pieces in each round, and the size at which rounds end, over the wanted one. */
  private static final double SHRINKING = 0.75;
  private static final double ALMOST = 1.1;
  private static final int STEPS_PER_ROUND = 2;
  /** A piece that is expected less often is left out. */
  private static final double LEAST_EXPECTED = 0.5;

  private final int size;
  private final WordLattices words;
  private final WordLattices ofPieces;
  /** The word of {@link #ofPieces} that is a piece, by its number. */
  private int[] wordOfPiece;
  /** The bytes, in the order of their symbols, then the others. */
  private List<byte[]> pieces;
  private double[] scores;
  private int[] lengths;

  private UnigramTrainer(WordCounts words, List<byte[]> pieces, double[] counts, int size) {
    this.size = size;
    this.pieces = pieces;
    this.lengths = pieces.stream().mapToInt(piece -> piece.length).toArray();
    PieceTrie trie = new PieceTrie();
    WordCounts.Builder strings = new WordCounts.Builder();
    for (int piece = 0; piece < pieces.size(); piece++) {
      trie.put(pieces.get(piece), piece);
      strings.add(pieces.get(piece), 1);
    }
    this.words = new WordLattices(words, trie);
    this.ofPieces = new WordLattices(strings.build(), trie);
    this.wordOfPiece = IntStream.range(0, pieces.size()).toArray();
    double sum = Math.log(Arrays.stream(counts).sum());
    this.scores = Arrays.stream(counts).map(count -> Math.log(count) - sum).toArray();
  }

  /**
   * Learns a vocabulary of exactly the size asked for.
   *
   * @param counts what to learn from
   * @param vocabularySize entries, special tokens and bytes included
   * @param minFrequency occurrences of a string that becomes an entry, at least 1
   * @throws InvalidInputException if the words do not hold enough strings, or the size leaves no room for the bytes
   */
  public static UnigramModel train(WordCounts counts, int vocabularySize, long minFrequency) {
    BpeModel.checkVocabularySize(vocabularySize);
    BpeTrainer.checkFrequency(minFrequency);
    WordCounts words = mostFrequent(counts);
    List<byte[]> pieces = new ArrayList<>(bytes());
    List<Counted> seeds = new SubstringCounts(words).most(SEEDS_PER_ENTRY * vocabularySize, minFrequency);
    seeds.forEach(seed -> pieces.add(seed.bytes()));
    double[] weights = Stream.concat(bytes().stream().map(one -> 1L), seeds.stream().map(Counted::weight)).mapToDouble(Long::doubleValue)
      .toArray();
    return new UnigramTrainer(words, pieces, weights, vocabularySize - SpecialToken.count()).run();
  }

  /** The words from the most frequent on, those of equal counts in the order of their bytes; long ones are cut. */
  private static WordCounts mostFrequent(WordCounts words) {
    WordCounts.Builder builder = new WordCounts.Builder();
    IntStream.range(0, words.size()).boxed()
      .sorted(Comparator.<Integer>comparingLong(word -> -words.count(word)).thenComparing(words::compareBytes))
      .limit(MOST_WORDS).forEach(word -> {
        byte[] bytes = words.bytes(word);
        for (int from = 0; from < bytes.length;) {
          int to = Math.min(bytes.length, from + WordLattices.MOST_BYTES);
          while (to < bytes.length && (bytes[to] & 0xC0) == 0x80) {
            to--;
          }
          builder.add(Arrays.copyOfRange(bytes, from, to), words.count(word));
          from = to;
        }
      });
    return builder.build();
  }

  /** The single bytes, in the order of their symbols. */
  private static List<byte[]> bytes() {
    byte[][] bytes = new byte[ByteAlphabet.SIZE][];
    int[] rankOfByte = ByteAlphabet.rankOfByte();
    for (int value = 0; value < bytes.length; value++) {
      bytes[rankOfByte[value]] = new byte[] {(byte) value};
    }
    return List.of(bytes);
  }

  private UnigramModel run() {
    while (true) {
      for (int step = 0; step < STEPS_PER_ROUND; step++) {
        maximize(words.expected(scores, lengths));
      }
      if (pieces.size() <= ALMOST * size) {
        return model();
      }
      prune();
    }
  }

  /** Probabilities from expected counts, with a Dirichlet prior (Bishop 2006, section 10.2.1), as SentencePiece has it. */
  private void maximize(double[] expected) {
    for (int piece = 0; piece < ByteAlphabet.SIZE; piece++) {
      expected[piece] = Math.max(expected[piece], LEAST_EXPECTED);
    }
    int[] kept = IntStream.range(0, expected.length).filter(piece -> expected[piece] >= LEAST_EXPECTED).toArray();
    double sum = digamma(Arrays.stream(kept).mapToDouble(piece -> expected[piece]).sum());
    for (int piece : kept) {
      scores[piece] = digamma(expected[piece]) - sum;
    }
    keep(kept);
  }

  /** Leaves out the pieces whose loss makes the text least improbable. */
  private void prune() {
    double[] counts = words.chosen(scores);
    double sum = Arrays.stream(counts).sum();
    double[] losses = IntStream.range(0, counts.length).parallel().mapToDouble(piece -> loss(piece, counts, sum)).toArray();
    int target = (int) Math.max(ALMOST * size, SHRINKING * pieces.size());
    int[] kept = IntStream.range(0, counts.length).boxed()
      .filter(piece -> losses[piece] != Double.NEGATIVE_INFINITY)
      .sorted(Comparator.<Integer>comparingDouble(piece -> -losses[piece]).thenComparing(Comparator.naturalOrder()))
      .limit(target).sorted().mapToInt(Integer::intValue).toArray();
    keep(kept);
  }

  /** How much less probable the text becomes without a piece, about; infinite for one that must stay, negative for one that is not used. */
  private double loss(int piece, double[] counts, double sum) {
    if (piece < ByteAlphabet.SIZE) {
      return Double.POSITIVE_INFINITY;
    }
    List<Integer> others = ofPieces.cut(wordOfPiece[piece], scores, piece);
    if (counts[piece] == 0 || others.stream().mapToDouble(other -> scores[other]).sum() > scores[piece]) {
      return Double.NEGATIVE_INFINITY;
    }
    double logSum = Math.log(sum + counts[piece] * (others.size() - 1));
    double without = others.stream().mapToDouble(other -> Math.log(counts[other] + counts[piece]) - logSum).sum();
    return counts[piece] * (Math.log(counts[piece]) - Math.log(sum) - without);
  }

  /** @param kept numbers of the pieces that stay, in order */
  private void keep(int[] kept) {
    int[] numbers = new int[pieces.size()];
    Arrays.fill(numbers, PieceTrie.NONE);
    for (int number = 0; number < kept.length; number++) {
      numbers[kept[number]] = number;
    }
    words.keep(numbers);
    ofPieces.keep(numbers);
    pieces = Arrays.stream(kept).mapToObj(pieces::get).toList();
    scores = Arrays.stream(kept).mapToDouble(piece -> scores[piece]).toArray();
    lengths = Arrays.stream(kept).map(piece -> lengths[piece]).toArray();
    wordOfPiece = Arrays.stream(kept).map(piece -> wordOfPiece[piece]).toArray();
  }

  /** The most probable pieces. */
  private UnigramModel model() {
    if (pieces.size() < size) {
      throw new InvalidInputException("prepare.tokenizer.vocabulary=" + (size + SpecialToken.count())
        + " is more than this corpus can give: " + (pieces.size() + SpecialToken.count()) + " entries (" + SpecialToken.count()
        + " special tokens, " + ByteAlphabet.SIZE + " bytes and " + (pieces.size() - ByteAlphabet.SIZE)
        + " strings that are worth an entry); set prepare.tokenizer.vocabulary to " + (pieces.size() + SpecialToken.count())
        + " or less, or bring more text");
    }
    List<String> tokens = new ArrayList<>(SpecialToken.texts());
    List<Double> logs = new ArrayList<>(tokens.stream().map(special -> UnigramModel.NEVER).toList());
    List<String> symbols = ByteAlphabet.symbols();
    for (int piece = 0; piece < ByteAlphabet.SIZE; piece++) {
      tokens.add(symbols.get(piece));
      logs.add(scores[piece]);
    }
    IntStream.range(ByteAlphabet.SIZE, pieces.size()).boxed().sorted(Comparator.<Integer>comparingDouble(piece -> -scores[piece])
      .thenComparing(Comparator.naturalOrder())).limit(size - ByteAlphabet.SIZE).forEach(piece -> {
        tokens.add(ByteAlphabet.toSymbols(new String(pieces.get(piece), StandardCharsets.UTF_8)));
        logs.add(scores[piece]);
      });
    return new UnigramModel(tokens, logs);
  }

  /** The derivative of the logarithm of the gamma function, by its asymptotic series (Abramowitz and Stegun, 6.3.18). */
  static double digamma(double x) {
    double result = 0;
    double at = x;
    while (at < 7) {
      result -= 1 / at;
      at++;
    }
    double inverse = 1 / (at * at);
    return result + Math.log(at) - 0.5 / at - inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * (1.0 / 252 - inverse / 240)));
  }
}
