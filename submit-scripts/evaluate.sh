#!/usr/bin/env bash
# Scores translations (BLEU, chrF2) and models (loss, perplexity).
# evaluate.sh [SPARK OPTIONS --] [JOB OPTIONS]; evaluate.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" evaluate io.sparkformer.jobs.evaluate.EvaluateJob "$@"
