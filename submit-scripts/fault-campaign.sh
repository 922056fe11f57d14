#!/usr/bin/env bash
# Kills, stops and damages what a run depends on, again and again at random moments, on a real
# cluster of processes with a real HDFS on this machine; every run must end like an undisturbed one.
# Prints a table at the end.
#
# fault-campaign.sh [--rounds N] [--seed S]
#
#   --rounds N   how often each fault is caused, default 20: about an hour on two free cores
#   --seed S     seed of the random moments, default: the clock; a campaign prints its seed
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=20 seed=$(date +%s)
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' submit-scripts/fault-campaign.sh
      exit 0
      ;;
    --rounds | --seed)
      [[ ${2:-} =~ ^[1-9][0-9]{0,17}$ ]] || { echo "error: $1 needs a whole number > 0, found ${2:-nothing}" >&2; exit 1; }
      declare "${1#--}=$2"
      shift 2
      ;;
    *)
      echo "error: unknown option $1; fault-campaign.sh --help" >&2
      exit 2
      ;;
  esac
done

set -- ./mvnw -B -q -pl spark-jobs,spark-jobs/runtime -am verify -Dcheckstyle.skip -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test='ClusterIT#everyRunEndsLikeTheUndisturbedOne' -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dsparkformer.fault.rounds="$rounds" -Dsparkformer.fault.seed="$seed"
{ printf '+'; printf ' %q' "$@"; printf '\n'; } >&2
exec "$@"
