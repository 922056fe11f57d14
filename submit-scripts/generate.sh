#!/usr/bin/env bash
# Continues prompts, lines of a text file or values of a table's column, with a language model.
# generate.sh [SPARK OPTIONS --] [JOB OPTIONS]; generate.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" generate io.sparkformer.jobs.generate.GenerateJob "$@"
