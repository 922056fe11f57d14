package io.sparkformer.jobs.cli;

import java.util.Optional;

/** The versions of Java that all tests pass on: the releases with long-term support from 17 on. */
final class JavaVersions {
  private static final int NEWEST = 25;

  private JavaVersions() {
  }

  /** A warning about a version that is newer than all that were tested; empty for any other. */
  static Optional<String> warning(int version) {
    return version <= NEWEST ? Optional.empty()
        : Optional.of("Java " + version + " is newer than those that Sparkformer was tested with (17, 21, " + NEWEST
            + "); if this job fails, set JAVA_HOME to one of them");
  }
}
