#!/usr/bin/env bash
# Times sentence embeddings beside ONNX Runtime: run.sh MODEL-FOLDER ONNX-FILE TEXT-FILE [--sentences 2000] [--rounds 5] [--threads 2]
#   [--precisions float32,bfloat16,int8]
# Fetches ONNX Runtime and compiles into ${ONNX_BENCH_HOME:-/tmp/onnx-bench} once. README.md says where the ONNX file comes from.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
home=${ONNX_BENCH_HOME:-/tmp/onnx-bench}
"$root/submit-scripts/build.sh"
mkdir -p "$home/classes"
if [ ! -e "$home/classpath" ]; then
  "$root/mvnw" -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$home/classpath.new" >&2
  mv "$home/classpath.new" "$home/classpath"
fi
classpath="$(cat "$home/classpath"):$root/spark-jobs/target/sparkformer-jobs.jar:$root/spark-jobs/runtime/target/spark/jars/*"
"${JAVA_HOME:+$JAVA_HOME/bin/}javac" -proc:none -cp "$classpath" -d "$home/classes" "$here"/*.java
set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules=jdk.incubator.vector -Xmx4g -Dorg.bytedeco.javacpp.maxbytes=0 \
  -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dfile.encoding=UTF-8 -Dlog4j2.configurationFile="$root/conf/log4j2.properties" \
  -cp "$home/classes:$classpath" EmbeddingBench "$@"
exec "$@"
