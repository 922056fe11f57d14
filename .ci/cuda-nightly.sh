#!/usr/bin/env bash
# What takes too long for every build: all CUDA tests with the threads of every block in other orders, and under AddressSanitizer, on the
# stand-in for a device. cuda-nightly.sh [SEEDS], default 3 orders. Needs g++ with libasan.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tests='Cuda*Test,DeviceTrainingTest'
maven=(./mvnw -B -q ${MAVEN_OPTIONS:-} -Dcheckstyle.skip -pl model)

for ((seed = 1; seed <= ${1:-3}; seed++)); do
  echo "== threads in shuffled order, seed $seed"
  STANDIN_SEED=$seed "${maven[@]}" test -Dtest="$tests"
done

echo "== AddressSanitizer"
# The tests' Java alone begins with the sanitizer's library; a fiber is no stack that it knows.
wrapper=$(mktemp -d)
trap 'rm -rf "$wrapper"' EXIT
mkdir "$wrapper/bin"
cat >"$wrapper/bin/java" <<JAVA
#!/bin/sh
export LD_PRELOAD=$(g++ -print-file-name=libasan.so)
export ASAN_OPTIONS=detect_leaks=0:handle_segv=0:detect_stack_use_after_return=0:halt_on_error=1:verify_asan_link_order=0
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "\$@"
JAVA
chmod +x "$wrapper/bin/java"
STANDIN_OPTIONS='-fsanitize=address -g -fno-omit-frame-pointer' "${maven[@]}" test -Dtest="$tests" -Djvm="$wrapper/bin/java"
