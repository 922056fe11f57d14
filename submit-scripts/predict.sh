#!/usr/bin/env bash
# Labels every line of a text file, or every row of a table, with a model that finetune.sh trained.
# predict.sh [SPARK OPTIONS --] [JOB OPTIONS]; predict.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" predict io.sparkformer.jobs.predict.PredictJob "$@"
