package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.SentencePair;
import io.sparkformer.data.tokenizer.SpecialToken;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.objective.SequenceToSequence;
import java.util.List;

/** A sentence's translation, from pairs. */
public record Translation() implements TrainingObjective {
  private static final SequenceToSequence OBJECTIVE = new SequenceToSequence(SpecialToken.BEGIN.id(), SpecialToken.END.id());

  @Override
  public ExampleKind examples() {
    return ExampleKind.SENTENCE_PAIRS;
  }

  @Override
  public Batch batch(List<? extends Example> examples, Place place) {
    List<SentencePair> pairs = examples.stream().map(SentencePair.class::cast).toList();
    return OBJECTIVE.batch(pairs.stream().map(SentencePair::source).toList(), pairs.stream().map(SentencePair::target).toList(),
        place.encoderToken(), place.decoderToken());
  }

  @Override
  public Place after(Place place, List<? extends Example> examples) {
    return place.plus(examples.stream().mapToInt(example -> example.tokens(0)).sum(),
        examples.stream().mapToInt(example -> example.tokens(1)).sum());
  }
}
