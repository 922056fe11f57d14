#!/usr/bin/env bash
# Translates a text file, or a column of a table, with a trained model.
# translate.sh [SPARK OPTIONS --] [JOB OPTIONS]; translate.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" translate io.sparkformer.jobs.translate.TranslateJob "$@"
