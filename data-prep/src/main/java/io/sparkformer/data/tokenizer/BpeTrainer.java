package io.sparkformer.data.tokenizer;

import io.sparkformer.data.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al., 2016, Algorithm 1; over bytes, Radford et al., 2019) from counted words.
 *
 * <p>Again and again the most frequent pair of neighbouring symbols becomes one symbol; of equally frequent pairs the one of smaller
 * ids, as Hugging Face's trainer does. Only unique words are held, and after a merge only the words that contain the pair are
 * touched: {@link PairIndex} says which, {@link MergeQueue} says which pair is next.
 *
 * <p>Memory, on the driver: about 30 bytes for each byte of the unique words; it does not depend on how often they occur.
 */
public final class BpeTrainer {

  private final Alphabet alphabet;
  private final int vocabularySize;
  private final long minFrequency;

  private final List<String> tokens = new ArrayList<>(SpecialToken.texts());
  private final Map<String, Integer> idOfToken = new HashMap<>();
  private final List<Merge> merges = new ArrayList<>();
  private final Set<Long> mergedPairs = new HashSet<>();

  private final PairIndex index = new PairIndex();
  private final MergeQueue queue = new MergeQueue();
  private final WordCounts words;
  /** Token ids of every word, one word after the other, from {@code words.start(word)} for {@code lengths[word]}. */
  private final int[] symbols;
  private final int[] lengths;

  private BpeTrainer(WordCounts words, Alphabet alphabet, int vocabularySize, long minFrequency) {
    this.words = words;
    this.alphabet = alphabet;
    this.vocabularySize = vocabularySize;
    this.minFrequency = minFrequency;
    tokens.addAll(alphabet.symbols());
    for (int id = 0; id < tokens.size(); id++) {
      idOfToken.put(tokens.get(id), id);
    }
    symbols = new int[words.byteLength()];
    lengths = new int[words.size()];
  }

  /**
   * Learns a vocabulary of exactly the size asked for. The result depends on the counts alone, not on the order of the words.
   *
   * @param words what to learn from
   * @param vocabularySize entries, special tokens and bytes included
   * @param minFrequency occurrences that a pair needs to be merged, at least 1
   * @throws InvalidInputException if the words do not hold enough pairs, or the size leaves no room for the bytes
   */
  public static BpeModel train(WordCounts words, int vocabularySize, long minFrequency) {
    BpeModel.checkVocabularySize(vocabularySize);
    checkFrequency(minFrequency);
    BpeTrainer trainer = new BpeTrainer(words, Alphabet.BYTES, vocabularySize, minFrequency);
    trainer.run();
    return new BpeModel(trainer.tokens, trainer.merges);
  }

  /** As {@link #train}, of characters instead of bytes: the vocabulary of WordPiece. */
  static WordPieceModel trainWordPiece(WordCounts words, int vocabularySize, long minFrequency) {
    checkFrequency(minFrequency);
    BpeTrainer trainer = new BpeTrainer(words, CharacterAlphabet.of(words, vocabularySize), vocabularySize, minFrequency);
    trainer.run();
    return new WordPieceModel(trainer.tokens);
  }

  static void checkFrequency(long minFrequency) {
    if (minFrequency < 1) {
      throw new InvalidInputException("prepare.tokenizer.min-frequency must be at least 1: found " + minFrequency);
    }
  }

  private void run() {
    indexWords();
    while (tokens.size() < vocabularySize) {
      if (queue.isEmpty()) {
        throw tooFewPairs();
      }
      long pair = queue.firstPair();
      long queued = queue.firstCount();
      queue.removeFirst();
      long count = index.count(pair);
      if (count == queued) {
        merge(pair);
      } else {
        enqueue(pair);
      }
    }
  }

  private void indexWords() {
    for (int word = 0; word < words.size(); word++) {
      int start = words.start(word);
      lengths[word] = alphabet.write(words, word, symbols, start);
      for (int i = start; i < start + lengths[word]; i++) {
        symbols[i] += SpecialToken.count();
        if (i > start) {
          index.add(PairIndex.pair(symbols[i - 1], symbols[i]), words.count(word), word);
        }
      }
    }
    index.drainRisen(this::enqueue);
  }

  private void enqueue(long pair) {
    long count = index.count(pair);
    if (count >= minFrequency) {
      queue.put(pair, count);
    }
  }

  private void merge(long pair) {
    int left = PairIndex.left(pair);
    int right = PairIndex.right(pair);
    String text = alphabet.joined(tokens.get(left), tokens.get(right));
    Integer known = idOfToken.get(text);
    if (known != null && SpecialToken.isSpecial(known)) {
      index.forget(pair); // Text that spells a special token must never become it.
      return;
    }
    int result = known == null ? tokens.size() : known;
    if (known == null) {
      tokens.add(text);
      idOfToken.put(text, result);
    }
    // A pair occurs again when another merge makes the same token: its rule exists already, and is only applied.
    if (mergedPairs.add(pair)) {
      merges.add(new Merge(left, right, result));
    }
    int last = -1;
    for (int word : index.take(pair)) {
      if (word != last) {
        mergeWord(word, left, right, result);
        last = word;
      }
    }
    index.forget(pair);
    index.drainRisen(this::enqueue);
  }

  /** Replaces the pair from left to right. The pair's own count is not updated: the index removes the pair afterwards. */
  private void mergeWord(int word, int left, int right, int result) {
    int start = words.start(word);
    int end = start + lengths[word];
    long times = words.count(word);
    int to = start;
    for (int from = start; from < end; from++, to++) {
      if (symbols[from] != left || from + 1 == end || symbols[from + 1] != right) {
        symbols[to] = symbols[from];
        continue;
      }
      if (to > start) {
        int before = symbols[to - 1];
        index.remove(PairIndex.pair(before, left), times);
        index.add(PairIndex.pair(before, result), times, word);
      }
      from++;
      if (from + 1 < end) {
        int after = symbols[from + 1];
        index.remove(PairIndex.pair(right, after), times);
        index.add(PairIndex.pair(result, after), times, word);
      }
      symbols[to] = result;
    }
    lengths[word] = to - start;
  }

  private InvalidInputException tooFewPairs() {
    return new InvalidInputException("prepare.tokenizer.vocabulary=" + vocabularySize + " is more than this corpus can give: "
      + tokens.size() + " entries (" + SpecialToken.count() + " special tokens, " + alphabet.description() + " and "
      + (tokens.size() - SpecialToken.count() - alphabet.symbols().size()) + " merged pairs that occur at least " + minFrequency
      + " times in " + words.size() + " unique words); set prepare.tokenizer.vocabulary to " + tokens.size()
      + " or less, or bring more text");
  }
}
