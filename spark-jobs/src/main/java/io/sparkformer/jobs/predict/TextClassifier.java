package io.sparkformer.jobs.predict;

import io.sparkformer.data.tokenizer.InputEncoder.Encoded;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Labels texts on one thread: cuts them into tokens, sorts them by length, and packs as many as a batch holds without padding. */
final class TextClassifier {
  private static final int[] NO_TYPES = {};

  private final SharedModel model;
  private final int longest;
  private final TranslationBatches batches;

  /**
   * @param longest most tokens of a text or pair
   * @param batchTokens tokens that the network reads at a time
   */
  TextClassifier(SharedModel model, int longest, int batchTokens) {
    this.model = model;
    this.longest = longest;
    this.batches = new TranslationBatches(batchTokens, 1);
  }

  /** The labels of texts or pairs, in their order; of one with a blank text {@link LabelScores#NONE}. */
  List<LabelScores> classify(List<List<String>> texts) {
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < texts.size(); place++) {
      if (texts.get(place).stream().noneMatch(String::isBlank)) {
        places.add(place);
      }
    }
    List<Encoded> encoded = model.encoder().encodeTexts(places.stream().map(texts::get).toList(), longest);
    LabelScores[] scores = new LabelScores[texts.size()];
    Arrays.fill(scores, LabelScores.NONE);
    TransformerModel network = model.borrow();
    try {
      boolean readsTypes = network.config().encoder().embedding().tokenTypes() > 1;
      boolean isValue = network.config().heads().get(0) instanceof HeadConfig.SequenceClass head
          && head.problem() == HeadConfig.SequenceClass.Problem.REGRESSION;
      for (int[] batch : batches.pack(encoded.stream().map(Encoded::ids).toList())) {
        List<Encoded> some = Arrays.stream(batch).mapToObj(encoded::get).toList();
        float[][] logits = network.logits(new Batch(Sequences.pack(some.stream().map(Encoded::ids).toList(),
            some.stream().map(each -> readsTypes ? each.types() : NO_TYPES).toList(), 0), null, Map.of()), HeadConfig.SequenceClass.NAME)
            .toFloatMatrix();
        for (int i = 0; i < batch.length; i++) {
          scores[places.get(batch[i])] = LabelScores.of(logits[i], isValue, some.get(i).cutOff());
        }
      }
    } finally {
      model.giveBack(network);
    }
    return List.of(scores);
  }
}
