#!/usr/bin/env bash
# Breaks the CUDA kernels, and the waits of the host, one at a time, and runs a test that must catch it on the stand-in for a device.
# cuda-mutations.sh [PART OF A NAME]; prints a line for each, and fails if a broken kernel passes its test. Not part of verify: about
# ten minutes. Needs g++, and the job jar (submit-scripts/build.sh). Sources stay as they are: what is broken are copies in model/target.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
code=io/sparkformer/model/kernel/cuda/code
java=io/sparkformer/model/kernel/cuda
classes=model/target/classes
wanted=${1:-}
survivors=0
./mvnw -B -q ${MAVEN_OPTIONS:-} -Dcheckstyle.skip -pl model test-compile
# What is not broken passes.
./mvnw -B -q ${MAVEN_OPTIONS:-} -pl model surefire:test -Dtest='Cuda*Test,DeviceTrainingTest' >model/target/mutations.log 2>&1 ||
  { echo "error: the tests fail before anything is broken; see model/target/mutations.log" >&2; exit 1; }

# mutation NAME FILE TEST PERL: the expression must change the file.
mutation() {
  local name=$1 file=$2 test=$3 change=$4 work source
  [[ $name == *"$wanted"* ]] || return 0
  work=$(mktemp -d)
  case $file in
    *.java) source=model/src/main/java/$java/$file ;;
    *) source=model/src/main/resources/$code/$file ;;
  esac
  perl -0pe "$change" "$source" >"$work/$(basename "$file")"
  if cmp -s "$source" "$work/$(basename "$file")"; then
    echo "error: the mutation \"$name\" changes nothing in $file" >&2
    exit 1
  fi
  cp -r "$classes/$java" "$work/classes"
  case $file in
    *.java) javac -proc:none -nowarn -d "$classes" -cp "$classes:spark-jobs/target/sparkformer-jobs.jar" "$work/$(basename "$file")" ;;
    *) cp "$work/$file" "$classes/$code/$file" ;;
  esac
  rm -rf model/target/surefire-reports
  if ./mvnw -B -q ${MAVEN_OPTIONS:-} -pl model surefire:test -Dtest="$test" >"$work/log" 2>&1; then
    survivors=$((survivors + 1))
    printf '%-58s SURVIVED %s\n' "$name" "$test"
  else
    printf '%-58s %s\n' "$name" "$(sed -n 's/.*\[ERROR\] io.*\.\([A-Za-z0-9]*Test\)\.\([A-Za-z0-9]*\).*<<<.*/\1.\2/p' "$work/log" | sort | uniq -c \
      | awk '{ n++; if (n == 1) first = $2 } END { print n ? first (n > 1 ? " and " n - 1 " more" : "") : "the process ended" }')"
  fi
  cp -r "$work/classes/." "$classes/$java/"
  rm -rf "$work"
}

mutation 'no barrier after the sums of warps' common.h CudaLayersTest 's/(= value;\n  \}\n)  __syncthreads\(\);\n  T sum/$1  T sum/'
mutation 'no barrier at the end of a sum' common.h 'CudaLayersTest,CudaHeadsTest' 's/  __syncthreads\(\);\n  return sum;/  return sum;/'
mutation 'no barrier at the end of a maximum' common.h CudaHeadsTest 's/  __syncthreads\(\);\n  return max;/  return max;/'
mutation 'dropout: another bit of the hash' common.h CudaLayersTest 's/token\) >> 32\)/token) >> 31)/'
mutation 'embedding: one of eight partial sums is left out' rows.cu CudaEmbeddingTest 's/i < 8; i\+\+\) \{\n      total/i < 7; i++) {\n      total/'
mutation 'embedding: no barrier before partial sums are added' rows.cu CudaEmbeddingTest 's/= sum;\n  __syncthreads\(\);/= sum;/'
mutation 'norm: the last chunk of column sums is left out' norm.cu CudaLayersTest 's/chunk < chunks; /chunk < chunks - 1; /'
mutation 'activation: the gate of the column before' activation.cu CudaLayersTest 's/value \*= from\[columns\]/value *= from[columns - 1]/'
mutation 'loss: no barrier before scores become gradients' loss.cu CudaHeadsTest 's/  __syncthreads\(\);\n  float inverse/  float inverse/'
mutation 'Adam: epsilon within the root' adam.cu CudaSliceTest \
  's/__fadd_rn\(__fmul_rn\(__fsqrt_rn\(v\), correction\), epsilon\)/__fmul_rn(__fsqrt_rn(__fadd_rn(v, epsilon)), correction)/'
mutation 'Adam: a multiplication and an addition in one' adam.cu CudaSliceTest \
  's/__fadd_rn\(__fmul_rn\(beta1, first\[i\]\), __fmul_rn\(rest1, g\)\)/fmaf(beta1, first[i], __fmul_rn(rest1, g))/'
mutation 'clipping: squares miss the last element of a chunk' adam.cu CudaSliceTest 's/long to = from \+ chunk < count \? from \+ chunk/long to = from + chunk < count ? from + chunk - 1/'
mutation 'host: gradients leave before they are made' array/GradientTransfers.java DeviceTrainingTest 's/      copying.waitFor\(made\);\n//'
mutation 'host: gradients are read before they have come' array/GradientTransfers.java DeviceTrainingTest \
  's/      underWay.peek\(\).arrived\(\).synchronize\(\);\n//'
mutation 'host: parameters are read before they have come' array/SliceArrays.java CudaSliceTest \
  's/(parameters.part\(from, to\)\);\n)    queue.synchronize\(\);\n/$1/'
mutation "host: old values over the device's new ones" array/DeviceWeights.java CudaSliceTest 's/place.without\(updatedHere\)/place.without(Place.NOWHERE)/'
mutation 'host: rounded weights stay old after an update' array/DeviceWeights.java CudaSliceTest \
  's/(void changedHere\(\) \{\n)    derivation\+\+;\n/$1/'
mutation 'attention: no barrier before a tile is loaded' attention.cu CudaAttentionTest 's/    __syncthreads\(\);\n    load_tile\(keys/    load_tile(keys/'
mutation 'attention: no barrier after a tile was loaded' attention.cu CudaAttentionTest \
  's/(    load_tile\(values, [^\n]*\n)    __syncthreads\(\);\n/$1/'
mutation 'attention: a causal query does not see itself' attention.cu CudaAttentionTest 's/position \+ 1 < keys \? position \+ 1/position < keys ? position/'
mutation 'attention: the window is one key too long' attention.cu CudaAttentionTest 's/range.first = position \+ 1 - WINDOW/range.first = position - WINDOW/'
mutation 'attention: keys miss the gradient of one query head' attention.cu CudaAttentionTest \
  's/head < \(key_head \+ 1\) \* GROUP/head < (key_head + 1) * GROUP - (GROUP > 1)/'
mutation 'rotary: gradients are turned the wrong way' rotary.cu CudaAttentionTest 's/direction \* sines/sines/'

[ $survivors -eq 0 ] || { echo "error: $survivors survived" >&2; exit 1; }
