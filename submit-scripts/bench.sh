#!/usr/bin/env bash
# Times whole training steps, without Spark: bench.sh train [--profile] D_MODEL LAYERS VOCAB BATCH TIME STEPS THREADS fp32|bf16|int8
# The same of a language model:              bench.sh train [--profile] --architecture gpt2|llama [--preset NAME] [--batch 4]
#                                              [--length 512] STEPS THREADS fp32|bf16|int8   (benchmarks/pytorch is its peer)
# Either on an NVIDIA device:                bench.sh train --device NUMBER ...
# Times single kernels, in one table:        bench.sh kernels [REGEX [THREADS]]    (all of them: a quarter of an hour)
# Times the exchange between workers:        bench.sh step-sync [--scaling | --model]    (--help tells more)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ "${1:-}" = kernels ]; then
  shift
  cd "$root"
  ./mvnw -q -B -Dcheckstyle.skip -pl model -am test-compile dependency:build-classpath -Dmdep.includeScope=test \
    -Dmdep.outputFile="$root/model/target/test-classpath.txt" >&2
  set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules=jdk.incubator.vector -Xmx2g \
    -cp "model/target/test-classes:model/target/classes:$(cat model/target/test-classpath.txt)" \
    io.sparkformer.model.benchmark.KernelBenchmarks "$@"
  . "$root/submit-scripts/stderr.sh"
  exec "$@"
fi
"$root/submit-scripts/build.sh"
set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules=jdk.incubator.vector -Xmx"${SPARKFORMER_DRIVER_MEMORY:-4g}" \
  -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dfile.encoding=UTF-8 \
  -Dlog4j2.configurationFile="$root/conf/log4j2.properties" \
  -cp "$root/spark-jobs/target/sparkformer-jobs.jar:$root/spark-jobs/runtime/target/spark/jars/*" \
  io.sparkformer.jobs.bench.BenchJob "$@"
{ printf '+'; printf ' %q' "$@"; printf '\n'; } >&2
. "$root/submit-scripts/stderr.sh"
exec "$@"
