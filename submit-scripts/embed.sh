#!/usr/bin/env bash
# Makes a vector of every line of a text file, or of every row of a table's column, with a pretrained model.
# embed.sh [SPARK OPTIONS --] [JOB OPTIONS]; embed.sh --help lists the job's, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" embed io.sparkformer.jobs.embed.EmbedJob "$@"
