#!/usr/bin/env bash
# Builds the job jar and the embedded Spark runtime when they are missing or older than the sources.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$root/spark-jobs/target/sparkformer-jobs.jar
runtime=$root/spark-jobs/runtime/target/spark/jars

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! command -v "$java" >/dev/null; then
  echo "error: $java is not there; install a JDK 17, 21 or 25, or set JAVA_HOME to one" >&2
  exit 1
fi
# A JDK says its version in the file "release": 1.8.0_422 or 17.0.15. Where there is no such file, Java will say whether it fits.
home=$(cd "$(dirname "$(readlink -f "$(command -v "$java")")")/.." && pwd)
version=$(sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p' "$home/release" 2>/dev/null || true)
if [ -n "$version" ] && [ "$version" -lt 17 ]; then
  echo "error: Java $version is too old ($home); install a JDK 17, 21 or 25, or set JAVA_HOME to one" >&2
  exit 1
fi

cd "$root"
newer() { # the first source file that is newer than the job jar
  find pom.xml conf/base.conf conf/finetune.conf */pom.xml spark-jobs/runtime/pom.xml */src/main -type f -newer "$jar" -print -quit
}

if [ ! -f pom.xml ]; then
  [ -f "$jar" ] && exit 0
  echo "error: $jar is missing, and there are no sources to build it from" >&2
  exit 1
elif [ ! -f "$jar" ] || [ ! -d "$runtime" ]; then
  why="the first build also fetches Spark and Deeplearning4j"
elif changed=$(newer) && [ -n "$changed" ]; then
  why="$changed is newer than the job jar"
else
  exit 0
fi

logs=${SPARKFORMER_LOG_DIR:-$root/out/logs}
log=$logs/build.log
mkdir -p "$logs"
echo "+ ./mvnw -B -DskipTests package   ($why)" >&2

# Shows what Maven is at: in one line that changes on a terminal, elsewhere by a line after the first minute and then every five.
. "$root/submit-scripts/terminal.sh"
progress() {
  local line module=Maven doing='' due=60 status
  while status=0; IFS= read -r -t 1 line || status=$?; [ $status -eq 0 ] || [ $status -gt 128 ]; do
    case $status$line in
      '0[INFO] Building '*\[*\]*) module=$(sed -E 's|^\[INFO\] Building (.*) [^ ]+ +\[([0-9]+)/([0-9]+)\]$|\1 (\2 of \3)|' <<<"$line") doing='' ;;
      0Downloading*) doing=": downloading ${line##*/}" ;;
      '0[INFO] --- '*) doing=": $(cut -d ' ' -f 3 <<<"$line" | cut -d : -f 1,3)" ;;
    esac
    line="building $module$doing, $SECONDS s"
    if [ -n "$SPARKFORMER_COLUMNS" ]; then
      printf '\r%s\033[K' "${line:0:SPARKFORMER_COLUMNS-1}" >&2
    elif [ $SECONDS -ge $due ]; then
      due=$((SECONDS / 300 * 300 + 300))
      echo "$line" >&2
    fi
  done
  [ -z "$SPARKFORMER_COLUMNS" ] || printf '\r\033[K' >&2
}
if ! ./mvnw -B -DskipTests package 2>&1 | tee "$log" | progress; then
  grep '^\[ERROR\]' "$log" | head -20 >&2 || tail -20 "$log" >&2
  echo "error: the build failed; all of its output is in $log" >&2
  exit 1
fi
touch "$jar"
