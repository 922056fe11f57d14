package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.LabelledText;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.objective.Labelled;
import java.util.ArrayList;
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
    Sequences sequences = sequences(texts.stream().map(LabelledText::tokens).toList(), texts.stream().map(LabelledText::types).toList(),
        place.encoderToken());
    return problem == Problem.CLASSES
        ? Labelled.sequences(sequences, texts.stream().mapToInt(LabelledText::label).toArray())
        : Labelled.values(sequences, values(texts));
  }

  /**
   * Texts as the encoder reads them.
   *
   * @param types the type of each token; empty for a text whose tokens are all of type 0
   */
  public static Sequences sequences(List<int[]> tokens, List<int[]> types, int firstToken) {
    if (types.stream().allMatch(ofText -> ofText.length == 0)) {
      return Sequences.pack(tokens, firstToken);
    }
    List<int[]> whole = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      whole.add(types.get(i).length == 0 ? new int[tokens.get(i).length] : types.get(i));
    }
    return Sequences.pack(tokens, whole, firstToken);
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
