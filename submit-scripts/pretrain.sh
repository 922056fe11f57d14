#!/usr/bin/env bash
# Trains a Transformer on what prepare.sh wrote.
# pretrain.sh [SPARK OPTIONS --] [JOB OPTIONS]; pretrain.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" pretrain io.sparkformer.jobs.pretrain.PretrainJob "$@"
