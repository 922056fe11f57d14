package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.objective.MaskedToken;
import java.util.List;
import java.util.Set;

/**
 * Hidden tokens of running text from all others, by an encoder: BERT.
 *
 * @param share of the tokens that are hidden or replaced, and to be predicted
 * @param mask id of the mask token
 * @param vocabulary entries
 * @param special tokens that are not text
 * @param continuing tokens that are hidden with those before them; empty where each token is hidden by itself
 */
record MaskedTokens(RowText text, double share, int mask, int vocabulary, Set<Integer> special, Set<Integer> continuing)
    implements TrainingObjective {
  MaskedTokens {
    special = Set.copyOf(special);
    continuing = Set.copyOf(continuing);
  }

  @Override
  public ExampleKind examples() {
    return ExampleKind.TOKEN_ROWS;
  }

  @Override
  public Batch batch(List<? extends Example> examples, Place place) {
    return new MaskedToken(share, mask, vocabulary, special, continuing).batch(text.sequences(examples), place.encoderToken(),
        place.draw());
  }

  @Override
  public Place after(Place place, List<? extends Example> examples) {
    return place.plus(RowText.tokens(examples), 0);
  }
}
