#!/usr/bin/env bash
# From the bundled text to translations: builds, prepares, trains a small English-German model, translates and scores.
# quickstart.sh [--fresh]: what an earlier run has made is used again; --fresh removes it (out/quickstart) and starts over.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/quickstart
conf=conf/quickstart.conf

case ${1:-} in
  -h | --help)
    sed -n '2,3s/^# //p' submit-scripts/quickstart.sh
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

title() { printf '\n== %s\n' "$*"; }
reuse() { echo "$1 is there from an earlier run and used again (quickstart.sh --fresh starts over)"; }

title "1/5 build"
submit-scripts/build.sh
echo "spark-jobs/target/sparkformer-jobs.jar"

title "2/5 prepare: clean the text, train a tokenizer, write token shards"
if [ -f $out/data/manifest.json ]; then
  reuse $out/data
else
  submit-scripts/prepare.sh -c $conf
fi

title "3/5 pretrain"
if [ -f $out/trained ]; then
  reuse $out/model
elif [ -d $out/model ]; then
  echo "$out/model is there but unfinished: going on from its last checkpoint"
  submit-scripts/pretrain.sh -c $conf --resume
  touch $out/trained
else
  submit-scripts/pretrain.sh -c $conf
  touch $out/trained
fi

title "4/5 translate the held-out sentences, which training has not seen"
submit-scripts/translate.sh -c $conf
echo
# Ten of middling length: neither menu entries nor half a page.
paste $out/data/held-out/source.txt $out/translations.txt $out/data/held-out/target.txt | awk -F '\t' '
  split($1, words, " ") >= 5 && length(words) <= 14 && ++shown <= 10 {
    printf "source       %s\ntranslation  %s\nreference    %s\n\n", $1, $2, $3
  }'

title "5/5 evaluate: BLEU and chrF2 of the translations; loss and perplexity of the model"
submit-scripts/evaluate.sh -c $conf

printf '\nDone in %d min %02d s. The model is in %s; translate your own text with\n' $((SECONDS / 60)) $((SECONDS % 60)) $out/model
echo "  submit-scripts/translate.sh --model $out/model --input FILE --output FILE"
