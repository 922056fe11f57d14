# To be sourced, with $here the folder of this file: fetches PyTorch's C++ library and its Java binding (190 MB) once, into
# ${TORCH_BENCH_HOME:-/tmp/torch-bench}, and sets $home, $classpath and LD_LIBRARY_PATH.
home=${TORCH_BENCH_HOME:-/tmp/torch-bench}
mkdir -p "$home/libtorch" "$home/classes"
if [ ! -e "$home/classpath" ]; then
  "$here/../../mvnw" -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$home/classpath.new" >&2
  jar=$(tr ':' '\n' <"$home/classpath.new" | grep pytorch-native-cpu)
  unzip -q -o -j "$jar" 'pytorch/cpu/linux-x86_64/*' -d "$home/libtorch"
  mv "$home/classpath.new" "$home/classpath"
fi
classpath=$home/classes:$(cat "$home/classpath")
export LD_LIBRARY_PATH=$home/libtorch
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
torch_java() { # MAIN_CLASS ARGUMENTS: compiles a program of this folder and runs it
  "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -cp "$classpath" -d "$home/classes" "$here/$1.java"
  "$java" -Xmx2g -Dorg.bytedeco.javacpp.pathsfirst=true -Djava.library.path="$home/libtorch" -cp "$classpath" "$@"
}
