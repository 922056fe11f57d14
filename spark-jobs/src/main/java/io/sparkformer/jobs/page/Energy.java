package io.sparkformer.jobs.page;

import io.sparkformer.jobs.config.ReportSettings;
import io.sparkformer.jobs.history.WorkerTotals;
import java.util.Locale;

/**
 * What a training took.
 *
 * @param kwh kilowatt hours
 * @param grams of carbon dioxide
 * @param source how the energy is known, and what is assumed
 */
record Energy(double kwh, double grams, String source) {
  private static final double JOULES_PER_KWH = 3.6e6;

  static Energy of(WorkerTotals workers, ReportSettings assumed) {
    boolean measured = workers.joules() > 0;
    double joules = measured ? workers.joules() : workers.coreSeconds() * assumed.wattsPerCore();
    double kwh = joules / JOULES_PER_KWH;
    String source = measured ? "measured by the processors' RAPL counters of all machines, other work on them included"
        : String.format(Locale.ROOT, "estimated: %,.2f core hours at %s W a core (report.watts-per-core); no counter could be read",
            workers.coreSeconds() / 3600, Html.number(assumed.wattsPerCore()));
    return new Energy(kwh, kwh * assumed.gramsPerKwh(), source + String.format(Locale.ROOT, ". The grid is assumed to emit %s g CO2 for a "
        + "kWh (report.grams-per-kwh)", Html.number(assumed.gramsPerKwh())));
  }
}
