package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.model.batch.Batch;
import java.io.Serializable;
import java.util.List;

/** What a run learns: how examples become micro-batches. */
public interface TrainingObjective extends Serializable {
  /** What is counted and said of the loss, for people. */
  enum Measure {
    /** Cross-entropy of tokens. */
    TOKENS("target tokens"),
    /** Cross-entropy of classes of texts. */
    CLASSES("texts"),
    /** Squared errors of values of texts. */
    VALUES("texts");

    private final String counted;

    Measure(String counted) {
      this.counted = counted;
    }

    /** What the loss is a mean over. */
    public String counted() {
      return counted;
    }
  }

  /** What its loss is of. */
  default Measure measure() {
    return Measure.TOKENS;
  }

  /** The examples that it learns from. */
  ExampleKind examples();

  /**
   * The micro-batch of some examples of a step.
   *
   * @param examples at least one
   * @param place of the first of them
   */
  Batch batch(List<? extends Example> examples, Place place);

  /** The place behind some examples. */
  Place after(Place place, List<? extends Example> examples);
}
