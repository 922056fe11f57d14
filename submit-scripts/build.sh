#!/usr/bin/env bash
# Builds the job jar and the embedded Spark runtime when they are missing or older than the sources.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$root/spark-jobs/target/sparkformer-jobs.jar
runtime=$root/spark-jobs/runtime/target/spark/jars

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! command -v "$java" >/dev/null; then
  echo "error: $java is not there; install a JDK 17 or later, or set JAVA_HOME to one" >&2
  exit 1
fi

cd "$root"
newer() { # the first source file that is newer than the job jar
  find pom.xml conf/base.conf */pom.xml spark-jobs/runtime/pom.xml */src/main -type f -newer "$jar" -print -quit
}

if [ ! -f pom.xml ]; then
  [ -f "$jar" ] && exit 0
  echo "error: $jar is missing, and there are no sources to build it from" >&2
  exit 1
elif [ ! -f "$jar" ] || [ ! -d "$runtime" ]; then
  why="the job jar is not built yet; the first build also fetches Spark and Deeplearning4j"
elif changed=$(newer) && [ -n "$changed" ]; then
  why="$changed is newer than the job jar"
else
  exit 0
fi
echo "+ ./mvnw -q -DskipTests package   ($why)" >&2
./mvnw -q -B -DskipTests package >&2
touch "$jar"
