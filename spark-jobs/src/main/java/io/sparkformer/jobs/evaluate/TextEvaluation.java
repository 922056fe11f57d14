package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.DocumentText;
import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.jobs.config.EvaluateSettings.TextLoss;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.TokenRoles;
import io.sparkformer.model.objective.MaskedToken;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A language model on text of any length, computed where the tasks are, a document in one task.
 *
 * <p>A decoder reads a document in windows that overlap ({@link TextWindow}), behind its begin token, or those special tokens that its
 * tokenizer puts before texts: so every token of the text counts once. An encoder reads it in windows that do not overlap, each within its
 * special tokens; what is hidden (Devlin et al. 2019, section 3.1) is a function of the seed, the document's number and the place.
 *
 * @param window most tokens that are read at once
 * @param stride from one window to the next, of a decoder
 * @param begin stands before a document where the tokenizer adds nothing; {@link SpecialTokens#NONE} for nothing
 * @param hiding what is hidden from an encoder; null for a decoder
 */
record TextEvaluation(ModelLocation model, int window, int stride, int batchTokens, int begin, Hiding hiding) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What is hidden from an encoder. */
  record Hiding(long seed, double share, int mask, int vocabulary, Set<Integer> special) implements Serializable {
    Hiding {
      special = Set.copyOf(special);
    }
  }

  /** @throws InvalidInputException when the model cannot be evaluated so */
  static TextEvaluation of(ModelLocation model, TextLoss settings) throws IOException {
    NetworkConfig network = model.config().network();
    boolean language = network.heads().stream().anyMatch(HeadConfig.Vocabulary.class::isInstance);
    if (network.isEncoderDecoder() || !language) {
      throw new InvalidInputException(("evaluate.text is for a decoder alone (gpt2, llama ...) or an encoder alone (bert ...) with its "
          + "language head: %s is %s").formatted(model, network.isEncoderDecoder() ? "an encoder with a decoder" : "a network without"));
    }
    int window = settings.window() == 0 ? network.maxLength() : settings.window();
    if (window > network.maxLength()) {
      throw new InvalidInputException("Invalid evaluate.window: %d (must be at most what the model accepts, %d tokens)".formatted(window,
          network.maxLength()));
    }
    if (settings.stride() > window) {
      throw new InvalidInputException("Invalid evaluate.stride: %d (must be at most the window, %d tokens)".formatted(settings.stride(),
          window));
    }
    int stride = settings.stride() == 0 ? Math.max(1, window / 2) : settings.stride();
    if (network.encoder() == null) {
      ControlTokens control = model.generation().control();
      int begin = control.begin() == SpecialTokens.NONE ? control.end() : control.begin();
      return new TextEvaluation(model, window, stride, settings.batchTokens(), begin, null);
    }
    TokenRoles roles = model.roles();
    int mask = roles.id(TokenRoles.Role.MASK).orElseThrow(() -> new InvalidInputException(
        "The tokenizer of " + model + " has no mask token (mask_token), so nothing can be hidden from the model"));
    return new TextEvaluation(model, window, window, settings.batchTokens(), SpecialTokens.NONE,
        new Hiding(settings.seed(), settings.maskedShare(), mask, network.vocabulary(), new HashSet<>(roles.all())));
  }

  /** Evaluates on Spark. */
  TextScores run(SparkSession spark, TextLoss settings) {
    DocumentText text = DocumentText.open(JavaSparkContext.fromSparkContext(spark.sparkContext()), settings.text(), settings.documents(),
        settings.column());
    TextEvaluation work = this;
    TextScores none = TextScores.none(hiding != null);
    TextScores scores = text.read(spark).javaRDD().mapPartitions(rows -> List.of(work.score(rows)).iterator()).collect().stream()
        .reduce(none, TextScores::plus);
    if (scores.tokens() == 0) {
      throw new InvalidInputException("Nothing to evaluate: " + text.files() + " has no tokens" + (hiding == null ? "" : " to hide"));
    }
    return scores;
  }

  /** Runs in a task. */
  private TextScores score(Iterator<Row> documents) {
    SharedModel shared = SharedModel.of(model);
    TransformerModel network = shared.borrow();
    try {
      TextScores scores = TextScores.none(hiding != null);
      List<TextWindow> waiting = new ArrayList<>();
      while (documents.hasNext()) {
        Row row = documents.next();
        String text = row.getString(1);
        if (text == null) {
          throw new InvalidInputException("A document of the text to evaluate is not UTF-8; convert its file to UTF-8 (iconv)");
        }
        scores = scores.plus(new TextScores(hiding != null, 1, 0, words(text), text.getBytes(StandardCharsets.UTF_8).length, 0, 0));
        InputEncoder.Encoded encoded = shared.encoder().encode(List.of(text), Integer.MAX_VALUE).get(0);
        int special = encoded.ids().length - encoded.textTokens();
        if (hiding != null) {
          scores = masked(network, scores, encoded.ids(), special, row.getLong(0));
        } else {
          waiting.addAll(TextWindow.of(special == 0 ? behind(begin, encoded.ids()) : encoded.ids(), window, stride));
          if (waiting.stream().mapToInt(each -> each.read().length).sum() > batchTokens) {
            scores = scored(network, scores, waiting);
            waiting.clear();
          }
        }
      }
      return scored(network, scores, waiting);
    } finally {
      shared.giveBack(network);
    }
  }

  private static long words(String text) {
    return text.isBlank() ? 0 : text.strip().split("\\s+").length;
  }

  private static int[] behind(int begin, int[] ids) {
    if (begin == SpecialTokens.NONE) {
      return ids;
    }
    int[] all = new int[ids.length + 1];
    all[0] = begin;
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }

  private TextScores scored(TransformerModel network, TextScores scores, List<TextWindow> windows) {
    TextScores sum = scores;
    for (int[] places : new TranslationBatches(batchTokens, 1).pack(windows.stream().map(TextWindow::read).toList())) {
      List<TextWindow> batch = Arrays.stream(places).mapToObj(windows::get).toList();
      sum = sum.plus(network.loss(new Batch(null, Sequences.pack(batch.stream().map(TextWindow::read).toList(), 0),
          Map.of(HeadConfig.Vocabulary.NAME, Batch.Labels.of(batch.stream().map(TextWindow::labels).toList())))).only());
    }
    return sum;
  }

  /** @param special how many special tokens stand around the text: as many before it as behind it, or one more */
  private TextScores masked(TransformerModel network, TextScores scores, int[] ids, int special, long document) {
    int before = (special + 1) / 2;
    int behind = special - before;
    List<int[]> windows = new ArrayList<>();
    for (int from = before; from < ids.length - behind; from += window - special) {
      int to = Math.min(ids.length - behind, from + window - special);
      int[] read = new int[to - from + special];
      System.arraycopy(ids, 0, read, 0, before);
      System.arraycopy(ids, from, read, before, to - from);
      System.arraycopy(ids, ids.length - behind, read, before + to - from, behind);
      windows.add(read);
    }
    MaskedToken objective = new MaskedToken(hiding.share(), hiding.mask(), hiding.vocabulary(), hiding.special());
    int together = Math.max(1, batchTokens / window);
    TextScores sum = scores;
    for (int from = 0; from < windows.size(); from += together) {
      sum = sum.plus(network.loss(objective.batch(windows.subList(from, Math.min(windows.size(), from + together)),
          (long) from * window, hiding.seed() * 31 + document)).only());
    }
    return sum;
  }
}
