#!/usr/bin/env bash
# Lists this machine's NVIDIA devices for Spark: prints {"name": "gpu", "addresses": ["0", "1"]}, the numbers that nvidia-smi gives them.
# Spark runs it where spark.worker.resource.gpu.discoveryScript, spark.executor.resource.gpu.discoveryScript or
# spark.driver.resource.gpu.discoveryScript name it. It needs nothing but nvidia-smi, which comes with the driver.
set -euo pipefail

if ! command -v nvidia-smi >/dev/null; then
  echo "error: there is no nvidia-smi here, which comes with NVIDIA's driver; install driver 580 or later" >&2
  exit 1
fi
if ! indices=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1); then
  echo "error: nvidia-smi failed: $indices" >&2
  exit 1
fi
addresses=$(awk 'NF { printf "%s\"%s\"", separator, $1; separator = ", " }' <<<"$indices")
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
