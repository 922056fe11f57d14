#!/usr/bin/env bash
# A real Spark standalone cluster on this machine, from the embedded runtime: a master and workers,
# each a process of its own, reachable through loopback only. For trying a cluster out; on one
# machine local[N] is faster.
#
# cluster-local.sh start [--workers N] [--cores N] [--memory M] [--port P]
# cluster-local.sh status
# cluster-local.sh stop
#
#   --workers N   worker processes, default 2; each starts the executors of jobs
#   --cores N     task slots that each worker offers, default 1
#   --memory M    memory that each worker offers, default 2g; executors take 1g each unless a job says
#                 otherwise
#   --port P      the master's port, default 7077; 0: any free one
#   --dir DIR     where process ids, logs and the executors' folders go, default out/cluster
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
host=127.0.0.1
patience=150 # seconds that a process may take to start

fail() {
  echo "error: $*" >&2
  exit 1
}
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; }

command=${1:-}
case $command in
  start | stop | status) shift ;;
  -h | --help)
    usage
    exit 0
    ;;
  '') usage >&2 && exit 2 ;;
  *)
    echo "error: unknown command $command; cluster-local.sh start, stop or status (--help tells more)" >&2
    exit 2
    ;;
esac

workers=2 cores=1 memory=2g port=7077 dir=$root/out/cluster
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --workers | --cores | --memory | --port | --dir)
      [ $# -gt 1 ] || fail "$1 needs a value; cluster-local.sh --help"
      case $1 in
        --workers | --cores) [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || fail "$1 must be a whole number > 0, found $2" ;;
        --port) [[ $2 =~ ^[0-9]{1,5}$ ]] || fail "--port must be a port number, found $2" ;;
        --memory) [[ $2 =~ ^[1-9][0-9]*[kmgKMG]$ ]] || fail "--memory must be like 512m or 2g, found $2" ;;
      esac
      declare "${1#--}=$2"
      shift 2
      ;;
    *) fail "unknown option $1; cluster-local.sh --help" ;;
  esac
done

# Each daemon leads a process group, to which its executors belong: its PID file names the group.
is_ours() {
  kill -0 -- "-$1" 2>/dev/null || return 1
  local leader
  leader=$(ps -p "$1" -o args= 2>/dev/null) || return 0 # the daemon died and left executors behind
  [[ $leader == *org.apache.spark.deploy.* ]]
}
running() {
  local file
  for file in "$dir"/*.pid; do
    if [ -f "$file" ] && is_ours "$(cat "$file")"; then
      basename "$file" .pid
    fi
  done
}
url() { sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$dir/logs/master.log" 2>/dev/null | tail -1; }

# launch NAME CLASS ARGUMENTS...: starts a daemon of Spark in the background.
launch() {
  local name=$1 class=$2 words=()
  shift 2
  while IFS= read -r -d '' word; do
    words+=("$word")
  done < <("$java" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main "$class" | tail -n +2)
  [ ${#words[@]} -gt 0 ] || fail "Spark's launcher made no command for $class"
  : >"$dir/logs/$name.log" # emptied before the daemon starts: await must not read an earlier run's log
  set -m
  "${words[@]}" "$@" >"$dir/logs/$name.log" 2>&1 </dev/null &
  set +m
  echo $! >"$dir/$name.pid"
  disown
}

# await NAME PATTERN: until the daemon's log says so.
await() {
  local deadline=$((SECONDS + patience))
  until grep -q "$2" "$dir/logs/$1.log"; do
    if ! is_ours "$(cat "$dir/$1.pid")"; then
      stop
      fail "the $1 process ended; $dir/logs/$1.log ends: $(grep -v '^\s*at ' "$dir/logs/$1.log" | tail -1)"
    elif [ $SECONDS -ge $deadline ]; then
      stop
      fail "the $1 process has not started in $patience s; see $dir/logs/$1.log"
    fi
    sleep 0.2
  done
}

start() {
  local up
  up=$(running)
  [ -z "$up" ] || fail "a cluster is running in $dir (${up//$'\n'/, }); stop it first: cluster-local.sh stop"
  "$root/submit-scripts/build.sh"
  mkdir -p "$dir/logs" "$dir/conf" "$dir/executors"
  rm -f "$dir"/*.pid
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  # An empty folder of settings: logs go to standard error, and so to the files below.
  export SPARK_HOME=$root/spark-jobs/runtime/target/spark SPARK_SCALA_VERSION=2.13 SPARK_CONF_DIR=$dir/conf
  export SPARK_LOCAL_IP=$host SPARK_LOCAL_DIRS=$dir/tmp SPARK_DAEMON_MEMORY=256m SPARK_DAEMON_JAVA_OPTS=-XX:+UseSerialGC
  # The executors share this machine: their threads must not spin while they wait for each other.
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
  mkdir -p "$SPARK_LOCAL_DIRS"
  launch master org.apache.spark.deploy.master.Master --host "$host" --port "$port" --webui-port 0
  await master 'I have been elected leader'
  local i
  for ((i = 1; i <= workers; i++)); do
    launch "worker-$i" org.apache.spark.deploy.worker.Worker --host "$host" --webui-port 0 --cores "$cores" --memory "$memory" \
      --work-dir "$dir/executors/worker-$i" "$(url)"
  done
  for ((i = 1; i <= workers; i++)); do
    await "worker-$i" 'Successfully registered with master'
  done
  echo "master: $(url)"
  echo "workers: $workers, each with $cores task slot(s) and $memory of memory; logs in $dir/logs and $dir/executors"
  echo
  echo "Train on it, one worker in each of $workers executors (a job's own settings after --):"
  echo "  SPARKFORMER_MASTER=$(url) submit-scripts/pretrain.sh --executor-cores $cores --conf spark.task.cpus=$cores -- \\"
  echo "    -c conf/quickstart.conf --workers $workers"
  echo "Stop it:"
  echo "  submit-scripts/cluster-local.sh stop"
}

stop() {
  local up name group deadline
  up=$(running)
  for name in $up; do
    kill -TERM -- "-$(cat "$dir/$name.pid")" 2>/dev/null || true
  done
  deadline=$((SECONDS + 10))
  for name in $up; do
    group=$(cat "$dir/$name.pid")
    while kill -0 -- "-$group" 2>/dev/null; do
      if [ $SECONDS -ge $deadline ]; then
        kill -KILL -- "-$group" 2>/dev/null || true
      fi
      sleep 0.1
    done
  done
  rm -rf "$dir"/*.pid "$dir/tmp" "$dir/conf"
  [ -n "$up" ] || return 1
}

case $command in
  start) start ;;
  stop) if stop; then echo "stopped; logs stay in $dir"; else echo "no cluster is running in $dir"; fi ;;
  status)
    up=$(running)
    if [ -z "$up" ]; then
      echo "no cluster is running in $dir"
      exit 3
    fi
    echo "master: $(url)"
    for name in $up; do
      echo "$name: process $(cat "$dir/$name.pid")"
    done
    ;;
esac
