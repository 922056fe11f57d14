package io.sparkformer.jobs.evaluate;

/** The version at the end of a metric's signature. */
final class MetricVersion {

  /** {@code sparkformer-0.1.0}, or {@code sparkformer-dev} when the classes do not come from a jar. */
  static final String TEXT = "sparkformer-" + of(MetricVersion.class.getPackage().getImplementationVersion());

  private MetricVersion() { }

  private static String of(String implementationVersion) {
    return implementationVersion == null ? "dev" : implementationVersion;
  }
}
