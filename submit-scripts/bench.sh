#!/usr/bin/env bash
# Times whole training steps, without Spark: bench.sh train D_MODEL LAYERS VOCAB BATCH TIME STEPS THREADS fp32|bf16
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/submit-scripts/build.sh"
set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules=jdk.incubator.vector -Xmx"${SPARKFORMER_DRIVER_MEMORY:-4g}" \
  -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dfile.encoding=UTF-8 \
  -Dlog4j2.configurationFile="$root/conf/log4j2.properties" \
  -cp "$root/spark-jobs/target/sparkformer-jobs.jar:$root/spark-jobs/runtime/target/spark/jars/*" \
  io.sparkformer.jobs.bench.BenchJob "$@"
{ printf '+'; printf ' %q' "$@"; printf '\n'; } >&2
exec "$@"
