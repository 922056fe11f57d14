#!/usr/bin/env bash
# build.sh FOLDER [COMPILER OPTION...]: makes the stand-in's libraries in a folder, if they are older than their sources, by g++.
# A process whose LD_LIBRARY_PATH names the folder has four made-up NVIDIA devices.
set -euo pipefail

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
version=$(cat "$sources"/*.h "$sources"/*.cpp | cksum | cut -d' ' -f1)
exec 9>"$folder/.lock"
flock 9 # tests of several processes may come at once

# library SOURCE NAME OPTION...
library() {
  local source=$1 name=$2 newer
  shift 2
  newer=$(find "$sources" -newer "$folder/$name" -print -quit 2>/dev/null || echo missing)
  [ -n "$newer" ] || return 0
  g++ -O2 -std=c++17 -fPIC -shared -DSTANDIN_SOURCES="\"$sources\"" -DSTANDIN_VERSION=$((version & 0xffffff)) -o "$folder/$name.part" "$sources/$source" -Wl,-soname,"$name" "$@"
  mv "$folder/$name.part" "$folder/$name"
}

# NVIDIA's toolkit gives its symbols its libraries' names as versions, and the bindings ask for them.
toolkit() {
  echo "$2 { *; };" >"$folder/$2.versions"
  library "$@" -Wl,--version-script,"$folder/$2.versions" -L"$folder" -l:libcuda.so.1
}

library driver.cpp libcuda.so.1 "$@" -ldl
toolkit cudart.cpp libcudart.so.13 "$@"
toolkit nvrtc.cpp libnvrtc.so.13 "$@"
toolkit cublaslt.cpp libcublasLt.so.13 "$@"
toolkit cublas.cpp libcublas.so.13 "$@"
