package io.sparkformer.jobs.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How often each class was predicted for texts of each class, and the measures that follow from it, as scikit-learn computes them.
 *
 * @param classes names
 * @param counts {@code [classes][classes]}: of the label in the row and the prediction in the column
 */
public record ConfusionTable(List<String> classes, long[][] counts) {

  public ConfusionTable {
    classes = List.copyOf(classes);
  }

  /** All texts. */
  public long total() {
    return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
  }

  private long right() {
    return IntStream.range(0, counts.length).mapToLong(i -> counts[i][i]).sum();
  }

  /** Texts with this label. */
  public long labelled(int label) {
    return Arrays.stream(counts[label]).sum();
  }

  /** Texts with this prediction. */
  public long predicted(int label) {
    return Arrays.stream(counts).mapToLong(row -> row[label]).sum();
  }

  /** Share of right predictions. */
  public double accuracy() {
    return (double) right() / total();
  }

  /** Harmonic mean of precision and recall of a class; 0 where both are. */
  public double f1(int label) {
    long either = labelled(label) + predicted(label);
    return either == 0 ? 0 : 2.0 * counts[label][label] / either;
  }

  /** Mean of the F1 of all classes. */
  public double macroF1() {
    return IntStream.range(0, counts.length).mapToDouble(this::f1).average().orElse(0);
  }

  /**
   * Matthews correlation coefficient, of several classes by Gorodkin 2004 ("Comparing two K-category assignments by a K-category
   * correlation coefficient"); 0 where all labels or all predictions are one class.
   */
  public double matthews() {
    double total = total();
    double both = 0;
    double labels = 0;
    double predictions = 0;
    for (int i = 0; i < counts.length; i++) {
      both += (double) labelled(i) * predicted(i);
      labels += (double) labelled(i) * labelled(i);
      predictions += (double) predicted(i) * predicted(i);
    }
    double spread = Math.sqrt((total * total - labels) * (total * total - predictions));
    return spread == 0 ? 0 : (right() * total - both) / spread;
  }
}
