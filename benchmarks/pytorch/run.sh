#!/usr/bin/env bash
# Times training steps of a language model in PyTorch's C++ library: run.sh gpt2|llama BATCH LENGTH STEPS THREADS fp32|bf16
# Fetches the library (190 MB) and compiles into ${TORCH_BENCH_HOME:-/tmp/torch-bench} once.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${TORCH_BENCH_HOME:-/tmp/torch-bench}
mkdir -p "$home/libtorch" "$home/classes"
if [ ! -e "$home/classpath" ]; then
  "$here/../../mvnw" -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$home/classpath.new" >&2
  jar=$(tr ':' '\n' <"$home/classpath.new" | grep pytorch-native-cpu)
  unzip -q -o -j "$jar" 'pytorch/cpu/linux-x86_64/*' -d "$home/libtorch"
  mv "$home/classpath.new" "$home/classpath"
fi
javac -cp "$(cat "$home/classpath")" -d "$home/classes" "$here/TorchLanguageModelBench.java"
export LD_LIBRARY_PATH=$home/libtorch
set -- "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -Dorg.bytedeco.javacpp.pathsfirst=true -Djava.library.path="$home/libtorch" \
  -cp "$home/classes:$(cat "$home/classpath")" TorchLanguageModelBench "$@"
exec "$@"
