#!/usr/bin/env bash
# Trains a GPT-2 in PyTorch's C++ library, in float32, on what pretrain trains it on:
#   train.sh export FOLDER CONF [KEY=VALUE ...]     writes first weights, batches and validation rows of a run; train.data must be prepared
#   train.sh FOLDER THREADS same [STEPS]            trains with these weights and batches; STEPS (100,300,1000) are validated
#   train.sh FOLDER THREADS SEED [STEPS]            as nanoGPT does it: weights drawn by the seed, rows cut at random places of the text
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/library.sh"
if [ "${1:-}" = export ]; then
  shift
  project=$here/../../spark-jobs
  jars=$project/target/sparkformer-jobs.jar:${SPARK_HOME:-$project/runtime/target/spark}/jars/*
  "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -cp "$jars" -d "$home/classes" "$here/ExportTraining.java"
  exec "$java" -Xmx2g --add-modules=jdk.incubator.vector -cp "$home/classes:$jars" ExportTraining "$@"
fi
torch_java TorchTraining "$@"
