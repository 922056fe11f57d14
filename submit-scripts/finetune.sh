#!/usr/bin/env bash
# Trains a model that labels texts, from a model folder and a labelled table.
# finetune.sh [SPARK OPTIONS --] [JOB OPTIONS]; finetune.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" finetune io.sparkformer.jobs.finetune.FinetuneJob "$@"
