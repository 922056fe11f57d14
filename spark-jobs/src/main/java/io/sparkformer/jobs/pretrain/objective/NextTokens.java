package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.objective.NextToken;
import java.util.List;

/** Every token of running text from those before it, by a decoder: GPT, Llama. */
record NextTokens(RowText text) implements TrainingObjective {
  private static final NextToken OBJECTIVE = new NextToken();

  @Override
  public ExampleKind examples() {
    return ExampleKind.TOKEN_ROWS;
  }

  @Override
  public Batch batch(List<? extends Example> examples, Place place) {
    return OBJECTIVE.batch(text.withNext(examples), place.decoderToken());
  }

  @Override
  public Place after(Place place, List<? extends Example> examples) {
    return place.plus(0, RowText.tokens(examples));
  }
}
