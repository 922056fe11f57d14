package io.sparkformer.jobs.config;

/**
 * The {@code report} group: what a report assumes about energy.
 *
 * @param wattsPerCore what a busy core takes, with its share of the rest of the machine; used where nothing measures it
 * @param gramsPerKwh carbon dioxide of a kilowatt hour
 */
public record ReportSettings(double wattsPerCore, double gramsPerKwh) {
  public ReportSettings {
    Limits.positive("report.watts-per-core", wattsPerCore);
    Limits.notNegative("report.grams-per-kwh", gramsPerKwh);
  }

  static ReportSettings from(SettingValues values) {
    return new ReportSettings(values.decimal("report.watts-per-core"), values.decimal("report.grams-per-kwh"));
  }
}
