#!/usr/bin/env bash
# Lists the training runs below a folder with state, last step, best scores and duration; compares two.
# runs.sh FOLDER | runs.sh ONE OTHER [--page FILE] | runs.sh --report FOLDER; runs.sh --help, job.sh says what the environment sets.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/job.sh" runs io.sparkformer.jobs.runs.RunsJob "$@"
