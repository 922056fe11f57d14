package io.sparkformer.jobs.config;

import static io.sparkformer.jobs.config.Limits.require;

import io.sparkformer.jobs.transport.WirePrecision;
import java.io.Serializable;
import java.time.Duration;

/**
 * The {@code parameter-server} group; base.conf says what each means.
 *
 * @param deadline longest wait of a worker for another
 * @param wirePrecision the format in which gradients and parameters are sent
 */
public record ParameterServerSettings(Duration deadline, WirePrecision wirePrecision) implements Serializable {
  private static final Duration SHORTEST = Duration.ofMillis(100);

  public ParameterServerSettings {
    require(deadline.compareTo(SHORTEST) >= 0, "parameter-server.deadline", deadline, "must be >= 100ms");
  }

  static ParameterServerSettings from(SettingValues values) {
    return new ParameterServerSettings(values.duration("parameter-server.deadline").orElseThrow(),
        values.choice("parameter-server.wire-precision", WirePrecision.values()));
  }
}
