#!/usr/bin/env bash
# Shows what a model attends to and which words its predictions rest on: one HTML page about the lines of a text.
# explain.sh [SPARK OPTIONS --] [JOB OPTIONS]; explain.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" explain io.sparkformer.jobs.explain.ExplainJob "$@"
