#!/usr/bin/env bash
# spark-submit: that of $SPARK_HOME when it is set, else that of the Spark which the build leaves in spark-jobs/runtime.
set -euo pipefail

# A user without a name, in an OpenShift container for instance, has a home that Java calls "?"; spark-submit wants a folder.
if ! id -un >/dev/null 2>&1; then
  home=${HOME:-}
  { [ -d "$home" ] && [ -w "$home" ]; } || home=${TMPDIR:-/tmp}
  export SPARK_SUBMIT_OPTS="${SPARK_SUBMIT_OPTS:-} -Duser.home=\"$home\""
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -n "${SPARK_HOME:-}" ]; then
  . "$root/submit-scripts/stderr.sh"
  exec "$SPARK_HOME/bin/spark-submit" "$@"
fi

"$root/submit-scripts/build.sh" < /dev/null
export SPARK_HOME=$root/spark-jobs/runtime/target/spark SPARK_SCALA_VERSION=2.13 SPARK_CONF_DIR=${SPARK_CONF_DIR:-$root/conf}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# Spark's own launcher turns the options into the java command (memory, class path, the modules that Spark opens):
# a line of its own first, then the words, each ended by NUL.
command=()
{
  read -r _ || true
  while IFS= read -r -d '' word; do
    command+=("$word")
  done
} < <("$java" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$SPARK_HOME/jars/*" \
  org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@" < /dev/null)
[ ${#command[@]} -gt 0 ] || exit 1
. "$root/submit-scripts/stderr.sh"
exec "${command[@]}"
