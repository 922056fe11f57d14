#!/usr/bin/env bash
# Times training steps of a language model in PyTorch's C++ library: run.sh gpt2|llama BATCH LENGTH STEPS THREADS fp32|bf16
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/library.sh"
torch_java TorchLanguageModelBench "$@"
