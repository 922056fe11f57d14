package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.LabelledText;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.objective.Labelled;
import java.util.List;

/**
 * The class or the value of a text, by an encoder: BERT, fine-tuned.
 *
 * @param problem what the labels are
 */
public record SequenceLabels(Problem problem) implements TrainingObjective {
  /** What the labels are. */
  public enum Problem { CLASSES, VALUES }

  @Override
  public ExampleKind examples() {
    return ExampleKind.LABELLED_TEXTS;
  }

  @Override
  public Measure measure() {
    return problem == Problem.CLASSES ? Measure.CLASSES : Measure.VALUES;
  }

  @Override
  public Batch batch(List<? extends Example> examples, Place place) {
    List<LabelledText> texts = examples.stream().map(LabelledText.class::cast).toList();
    Sequences sequences = Sequences.pack(texts.stream().map(LabelledText::tokens).toList(),
        texts.stream().map(LabelledText::types).toList(), place.encoderToken());
    return problem == Problem.CLASSES
        ? Labelled.sequences(sequences, texts.stream().mapToInt(LabelledText::label).toArray())
        : Labelled.values(sequences, values(texts));
  }

  private static float[] values(List<LabelledText> texts) {
    float[] values = new float[texts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = texts.get(i).value();
    }
    return values;
  }

  @Override
  public Place after(Place place, List<? extends Example> examples) {
    return place.plus(RowText.tokens(examples), 0);
  }
}
