#!/usr/bin/env bash
# From the bundled text to translations: builds, prepares, trains a small English-German model,
# translates and scores.
#
# quickstart.sh [--fresh]
#
#   --fresh   remove what an earlier run made (out/quickstart), and start over; else it is used again
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/quickstart
conf=conf/quickstart.conf

case ${1:-} in
  -h | --help)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' submit-scripts/quickstart.sh
    echo
    echo "Settings: $conf. Log files: out/logs. Environment: see submit-scripts/job.sh."
    exit 0
    ;;
  --fresh) rm -rf "$out" ;;
  '') ;;
  *)
    echo "error: unknown argument $1; quickstart.sh [--fresh]" >&2
    exit 2
    ;;
esac

# Prints a command as one would type it, and runs it.
run() {
  echo "+ $*"
  "$@"
}
title() {
  [ "${1:0:1}" = 1 ] || echo
  echo "== $*"
}
reuse() { echo "$1 is there from an earlier run and used again (quickstart.sh --fresh starts over)"; }

title "1/5 build"
submit-scripts/build.sh
echo "built: spark-jobs/target/sparkformer-jobs.jar"

title "2/5 prepare: clean the text, train a tokenizer, write token shards"
if [ -f $out/data/manifest.json ]; then
  reuse $out/data
else
  run submit-scripts/prepare.sh -c $conf
fi

title "3/5 pretrain: train the model"
if [ -f $out/trained ]; then
  reuse $out/model
elif [ -d $out/model ]; then
  echo "$out/model is there but unfinished: going on from its last checkpoint"
  run submit-scripts/pretrain.sh -c $conf --resume
  touch $out/trained
else
  run submit-scripts/pretrain.sh -c $conf
  touch $out/trained
fi

title "4/5 translate: sentences that training has not seen"
run submit-scripts/translate.sh -c $conf
echo
# Two of middling length: neither menu entries nor half a page.
paste $out/data/held-out/source.txt $out/translations.txt $out/data/held-out/target.txt | awk -F '\t' '
  split($1, words, " ") >= 7 && length($1) <= 85 && length($2) <= 85 && length($3) <= 85 && ++shown <= 2 {
    printf "%ssource       %s\ntranslation  %s\nreference    %s\n", (shown > 1 ? "\n" : ""), $1, $2, $3
  }'

title "5/5 evaluate: BLEU and chrF2 of the translations, loss and perplexity of the model"
run submit-scripts/evaluate.sh -c $conf

printf '\nDone in %d min %02d s. The model is in %s; translate your own text with\n' $((SECONDS / 60)) $((SECONDS % 60)) $out/model
echo "  submit-scripts/translate.sh --model $out/model --input FILE --output FILE"
