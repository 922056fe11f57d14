#!/usr/bin/env bash
# job.sh NAME MAIN_CLASS [SPARK OPTIONS --] [JOB OPTIONS]: what the scripts of the jobs share.
#
# SPARKFORMER_MASTER         the Spark master; default: Spark's own, local[*] where nothing else is configured
# SPARKFORMER_DRIVER_MEMORY  heap of the driver, which in local mode does all the work; default 4g with the embedded Spark.
#                            Arrays live outside the heap: leave as much again to the operating system.
# SPARKFORMER_LOG_DIR        folder of log files; default out/logs
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=$1 class=$2
shift 2
jar=$root/spark-jobs/target/sparkformer-jobs.jar
"$root/submit-scripts/build.sh" < /dev/null   # standard input is the job's

# Java can name only files that the locale's encoding can spell; one of ASCII alone (LC_ALL=C) cannot spell Übung.en.
case $(locale charmap 2> /dev/null) in
  '' | ANSI_X3.4-1968 | US-ASCII | 646) export LC_ALL=C.UTF-8 ;;
esac

spark_options=()
for word in "$@"; do
  if [ "$word" = -- ]; then
    while [ "$1" != -- ]; do
      spark_options+=("$1")
      shift
    done
    shift
    break
  fi
done

# Help needs no Spark: the job's main answers at once.
for word in "$@"; do
  case $word in
    -h | --help | -V | --version)
      jars=${SPARK_HOME:-$root/spark-jobs/runtime/target/spark}/jars
      exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dslf4j.internal.verbosity=WARN \
        -Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider -cp "$jar:$jars/*" "$class" "$@"
      ;;
  esac
done

logs=${SPARKFORMER_LOG_DIR:-$root/out/logs}
mkdir -p "$logs"
logs=${logs#"$PWD"/}
export SPARKFORMER_LOG_FILE=$logs/$(date +%Y%m%d-%H%M%S)-$name.log

if ! [[ ${SPARKFORMER_DRIVER_MEMORY:-4g} =~ ^[1-9][0-9]*[kmgtKMGT]$ ]]; then
  echo "error: SPARKFORMER_DRIVER_MEMORY must be like 512m or 4g, found $SPARKFORMER_DRIVER_MEMORY" >&2
  exit 1
fi

options=()
[ -z "${SPARKFORMER_MASTER:-}" ] || options+=(--master "$SPARKFORMER_MASTER")
if [ -n "${SPARKFORMER_DRIVER_MEMORY:-}" ] || [ -z "${SPARK_HOME:-}" ]; then
  options+=(--driver-memory "${SPARKFORMER_DRIVER_MEMORY:-4g}")
fi
if [ -n "${SPARK_HOME:-}" ]; then
  # The embedded Spark finds what lies in conf/ by itself. A driver on another machine keeps that machine's logging.
  options+=(--properties-file "$root/conf/spark-defaults.conf" --load-spark-defaults)
  case " ${spark_options[*]-} " in
    *--deploy-mode?cluster*) ;;
    *) options+=(--driver-java-options "-Dlog4j2.configurationFile=\"$root/conf/log4j2.properties\"") ;;
  esac
fi

set -- ${options[@]+"${options[@]}"} ${spark_options[@]+"${spark_options[@]}"} --class "$class" "$jar" "$@"
{ printf '+'; printf ' %q' "$root/submit-scripts/spark-submit.sh" "$@"; printf '\n'; } >>"$SPARKFORMER_LOG_FILE"
# generate answers a person at a terminal line by line. Java cannot tell by itself: from version 22 on it has a console without one.
if [ -t 0 ] && [ -t 1 ]; then
  export SPARKFORMER_CONSOLE=1
fi
. "$root/submit-scripts/terminal.sh"
[ -z "$SPARKFORMER_COLUMNS" ] || export SPARKFORMER_COLUMNS
exec "$root/submit-scripts/spark-submit.sh" "$@"
