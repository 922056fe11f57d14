#!/usr/bin/env bash
# build.sh FOLDER: makes the stand-in's libraries in a folder by g++, if their sources or options have changed.
# A process whose LD_LIBRARY_PATH names the folder has four made-up NVIDIA devices; driver.cpp says what its environment may set.
# STANDIN_OPTIONS in the environment are options for the compiler (-fsanitize=address), of the libraries and of kernels.
set -euo pipefail

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
options=${STANDIN_OPTIONS:-}
version=$({ cat "$sources"/*; echo "$options"; } | cksum | cut -d' ' -f1)
exec 9>"$folder/.lock"
flock 9 # tests of several processes may come at once

[ "$(cat "$folder/version" 2>/dev/null)" != "$version" ] || exit 0

# library SOURCE NAME OPTION...
library() {
  local source=$1 name=$2
  shift 2
  # shellcheck disable=SC2086 # several options
  g++ -O2 -std=c++17 -fPIC -shared -DSTANDIN_SOURCES="\"$sources\"" -DSTANDIN_VERSION=$((version & 0xffffff)) -o "$folder/$name.part" "$sources/$source" -Wl,-soname,"$name" $options "$@"
  mv "$folder/$name.part" "$folder/$name"
}

# NVIDIA's toolkit gives its symbols its libraries' names as versions, and the bindings ask for them.
toolkit() {
  echo "$2 { *; };" >"$folder/$2.versions"
  library "$@" -Wl,--version-script,"$folder/$2.versions" -L"$folder" -l:libcuda.so.1
}

library driver.cpp libcuda.so.1 -ldl
toolkit cudart.cpp libcudart.so.13
toolkit nvrtc.cpp libnvrtc.so.13
toolkit cublaslt.cpp libcublasLt.so.13
toolkit cublas.cpp libcublas.so.13
echo "$version" >"$folder/version"
