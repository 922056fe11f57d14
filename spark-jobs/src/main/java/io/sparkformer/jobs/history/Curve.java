package io.sparkformer.jobs.history;

import java.util.ArrayList;
import java.util.List;

/** Values by step, of which at most {@link #MOST} are kept: of more, neighbours are joined to their mean. */
public final class Curve {
  public static final int MOST = 1024;

  private List<Point> points = new ArrayList<>();
  /** How many values make up a point; a power of 2. */
  private int joined = 1;
  private int pending;
  private double pendingSum;

  /** The mean of some values, at the step of the last of them. */
  public record Point(long step, double value) {}

  void add(long step, double value) {
    if (!Double.isFinite(value)) {
      return;
    }
    pendingSum += value;
    pending++;
    if (pending == joined) {
      points.add(new Point(step, pendingSum / joined));
      pending = 0;
      pendingSum = 0;
    }
    if (points.size() > MOST) {
      halve();
    }
  }

  private void halve() {
    List<Point> halved = new ArrayList<>();
    for (int i = 0; i + 1 < points.size(); i += 2) {
      halved.add(new Point(points.get(i + 1).step(), (points.get(i).value() + points.get(i + 1).value()) / 2));
    }
    if (points.size() % 2 == 1) {
      // The odd one waits for its neighbour.
      pendingSum += points.get(points.size() - 1).value() * joined;
      pending += joined;
    }
    points = halved;
    joined *= 2;
  }

  /** Forgets what came after a step from which the run has gone on again. */
  void dropAfter(long step) {
    points.removeIf(point -> point.step() > step);
    pending = 0;
    pendingSum = 0;
  }

  /** In the order of their steps. */
  public List<Point> points() {
    return List.copyOf(points);
  }

  public boolean isEmpty() {
    return points.isEmpty();
  }
}
