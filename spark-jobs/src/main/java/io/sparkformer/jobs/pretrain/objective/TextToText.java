package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.objective.DenoisedSpans;
import io.sparkformer.model.objective.PrefixLanguageModel;
import io.sparkformer.model.objective.SequenceToSequence;
import io.sparkformer.model.objective.SourceAndTarget;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * One part of running text from another, by an encoder and a decoder: T5. Every sequence becomes a pair, as the task says.
 *
 * @param begin what the decoder reads first
 * @param end of every source and target
 */
record TextToText(RowText text, Task task, int begin, int end) implements TrainingObjective {

  /** How a sequence of at least two tokens becomes a pair. */
  sealed interface Task extends Serializable {
    /**
     * @param draw number that all of the step is drawn with
     * @param place of the sequence in the step
     */
    SourceAndTarget pair(int[] tokens, long draw, long place);

    /** What the decoder says to a text of one token, of which nothing can be left out. */
    int[] answerToOneToken();
  }

  /** Missing spans from the rest. */
  record Spans(DenoisedSpans spans) implements Task {
    @Override
    public SourceAndTarget pair(int[] tokens, long draw, long place) {
      return spans.corrupt(tokens, draw, 0, place);
    }

    @Override
    public int[] answerToOneToken() {
      return new int[] {spans.firstSentinel()};
    }
  }

  /** The rest of a text from its beginning. */
  record Prefix() implements Task {
    private static final PrefixLanguageModel OBJECTIVE = new PrefixLanguageModel();

    @Override
    public SourceAndTarget pair(int[] tokens, long draw, long place) {
      return OBJECTIVE.split(tokens, draw, 0, place);
    }

    @Override
    public int[] answerToOneToken() {
      return new int[0];
    }
  }

  @Override
  public ExampleKind examples() {
    return ExampleKind.TOKEN_ROWS;
  }

  @Override
  public Batch batch(List<? extends Example> examples, Place place) {
    List<SourceAndTarget> pairs = pairs(examples, place);
    return new SequenceToSequence(begin, end).batch(pairs.stream().map(SourceAndTarget::source).toList(),
        pairs.stream().map(SourceAndTarget::target).toList(), place.encoderToken(), place.decoderToken());
  }

  @Override
  public Place after(Place place, List<? extends Example> examples) {
    Place after = place;
    for (SourceAndTarget pair : pairs(examples, place)) {
      after = after(after, pair);
    }
    return after;
  }

  private List<SourceAndTarget> pairs(List<? extends Example> examples, Place first) {
    List<SourceAndTarget> pairs = new ArrayList<>();
    Place place = first;
    for (int[] tokens : text.sequences(examples)) {
      SourceAndTarget pair = tokens.length < 2 ? new SourceAndTarget(tokens, task.answerToOneToken())
          : task.pair(tokens, place.draw(), place.encoderToken());
      pairs.add(pair);
      place = after(place, pair);
    }
    return pairs;
  }

  /** Behind a pair, whose source and target get an end token. */
  private static Place after(Place place, SourceAndTarget pair) {
    return place.plus(pair.source().length + 1, pair.target().length + 1);
  }
}
