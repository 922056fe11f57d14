package io.sparkformer.model.explain;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.graph.TransformerModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The predictions that are explained, for each kind of network. */
public final class Predictions {
  private Predictions() {}

  /**
   * Every token of a target, from the source and the tokens before it.
   *
   * @param source with its end token
   * @param begin that the decoder reads first
   * @param target tokens to predict, with the end token where the target has ended
   */
  public static List<Prediction> ofTarget(int[] source, int begin, int[] target) {
    int[] read = IntStream.concat(IntStream.of(begin), IntStream.of(target).limit(Math.max(0, target.length - 1L))).toArray();
    Reading reading = Reading.ofPair(source, read);
    return IntStream.range(0, target.length).mapToObj(i -> new Prediction(reading, HeadConfig.Vocabulary.NAME, i, target[i])).toList();
  }

  /**
   * The tokens of a text from a place on, each from those before it.
   *
   * @param from at least 1: the first token has none before it
   */
  public static List<Prediction> ofContinuation(int[] tokens, int from) {
    Reading reading = Reading.ofDecoder(tokens);
    return IntStream.range(from, tokens.length)
        .mapToObj(i -> new Prediction(reading, HeadConfig.Vocabulary.NAME, i - 1, tokens[i])).toList();
  }

  /**
   * What an encoder with this head says of a text: of a masked language model every token while it is hidden (Salazar et al. 2020, "Masked
   * language model scoring"), or what it takes a token for that is hidden in the text; of others their most probable classes.
   *
   * @param special tokens that are not predicted
   * @param mask hides a token; if there is none, tokens are predicted in full view
   */
  public static List<Prediction> ofHead(TransformerModel model, HeadConfig head, Reading reading, Set<Integer> special, OptionalInt mask) {
    if (head instanceof HeadConfig.Vocabulary) {
      return ofHidden(model, reading, special, mask);
    }
    INDArray scores = scores(model, head, reading);
    if (head instanceof HeadConfig.Span) {
      return List.of(new Prediction(reading, head.name(), 0, span(scores)));
    }
    if (head instanceof HeadConfig.SequenceClass) {
      return List.of(new Prediction(reading, head.name(), 0, best(scores, 0)));
    }
    return IntStream.range(0, reading.encoder().length).filter(i -> !special.contains(reading.encoder()[i]))
        .mapToObj(i -> new Prediction(reading, head.name(), i, best(scores, i))).toList();
  }

  /** The most probable first token, and the most probable last one that does not stand before it. */
  private static int[] span(INDArray scores) {
    float[][] byToken = scores.toFloatMatrix();
    int first = 0;
    for (int i = 1; i < byToken.length; i++) {
      first = byToken[i][0] > byToken[first][0] ? i : first;
    }
    int last = first;
    for (int i = first + 1; i < byToken.length; i++) {
      last = byToken[i][1] > byToken[last][1] ? i : last;
    }
    return new int[] {first, last};
  }

  private static List<Prediction> ofHidden(TransformerModel model, Reading reading, Set<Integer> special, OptionalInt mask) {
    List<Prediction> predictions = new ArrayList<>();
    INDArray scores = null;
    for (int i = 0; i < reading.encoder().length; i++) {
      int token = reading.encoder()[i];
      if (mask.isPresent() && token == mask.getAsInt()) {
        scores = scores == null ? scores(model, model.config().heads().get(0), reading) : scores;
        predictions.add(new Prediction(reading, HeadConfig.Vocabulary.NAME, i, best(scores, i)));
      } else if (!special.contains(token)) {
        int[] hidden = reading.encoder().clone();
        hidden[i] = mask.orElse(token);
        predictions.add(new Prediction(new Reading(hidden, reading.types(), null), HeadConfig.Vocabulary.NAME, i, token));
      }
    }
    return predictions;
  }

  private static INDArray scores(TransformerModel model, HeadConfig head, Reading reading) {
    return model.logits(new Batch(reading.encoderSequences(), null, Map.of()), head.name());
  }

  private static int best(INDArray scores, int row) {
    return scores.getRow(row).argMax().getInt(0);
  }
}
