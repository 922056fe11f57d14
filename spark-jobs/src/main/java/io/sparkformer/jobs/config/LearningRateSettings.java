package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The {@code train.learning-rate} group.
 *
 * @param factor of the noam schedule
 * @param peak of the other schedules
 * @param minimum what the cosine schedule falls to
 * @param warmupSteps updates over which the rate rises; 0: none (not for noam and inverse-square-root)
 * @param warmupShare the same as a share of all updates, instead of {@code warmupSteps}; 0: that counts
 */
public record LearningRateSettings(Schedule schedule, double factor, double peak, double minimum, long warmupSteps, double warmupShare)
    implements Serializable {
  /** The named curves that base.conf describes. */
  public enum Schedule {
    NOAM, INVERSE_SQUARE_ROOT, LINEAR, COSINE, CONSTANT;

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public LearningRateSettings {
    Limits.positive("train.learning-rate.factor", factor);
    Limits.positive("train.learning-rate.peak", peak);
    Limits.require(minimum >= 0 && minimum <= peak, "train.learning-rate.minimum", minimum, "must be from 0 to train.learning-rate.peak, "
        + peak);
    Limits.notNegative("train.learning-rate.warmup-steps", warmupSteps);
    Limits.belowOne("train.learning-rate.warmup-share", warmupShare);
    boolean needsWarmup = schedule == Schedule.NOAM || schedule == Schedule.INVERSE_SQUARE_ROOT;
    Limits.require(warmupSteps > 0 || warmupShare > 0 || !needsWarmup, "train.learning-rate.warmup-steps", warmupSteps,
        "must be > 0 for schedule " + schedule.text());
  }

  /** The same with the number of updates that the share stands for. */
  LearningRateSettings of(long steps) {
    return warmupShare == 0 ? this
        : new LearningRateSettings(schedule, factor, peak, minimum, (long) Math.ceil(warmupShare * steps), warmupShare);
  }

  static LearningRateSettings from(SettingValues values) {
    String name = values.needed("train.learning-rate.schedule");
    List<String> choices = Stream.of(Schedule.values()).map(Schedule::text).toList();
    Limits.oneOf("train.learning-rate.schedule", name, choices);
    return new LearningRateSettings(
        Schedule.values()[choices.indexOf(name)],
        values.decimal("train.learning-rate.factor"),
        values.decimal("train.learning-rate.peak"),
        values.decimal("train.learning-rate.minimum"),
        values.wide("train.learning-rate.warmup-steps"),
        values.decimal("train.learning-rate.warmup-share"));
  }
}
