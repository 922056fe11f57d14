#!/usr/bin/env bash
# Writes a model as a folder that Hugging Face's loaders read.
# convert.sh [SPARK OPTIONS --] [JOB OPTIONS]; convert.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" convert io.sparkformer.jobs.convert.ConvertJob "$@"
