#!/usr/bin/env bash
# Cleans parallel text, trains a tokenizer and writes token shards.
# prepare.sh [SPARK OPTIONS --] [JOB OPTIONS]; prepare.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" prepare io.sparkformer.jobs.prepare.PrepareJob "$@"
