# To be sourced: sets SPARKFORMER_COLUMNS to the width of the terminal that shows standard error, and to nothing where there is none.
# Progress is one line that changes on a terminal, and elsewhere a plain line now and then.
SPARKFORMER_COLUMNS=
if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
  SPARKFORMER_COLUMNS=$(stty size <&2 2>/dev/null | cut -d ' ' -f 2)
  [ "${SPARKFORMER_COLUMNS:-0}" -ge 20 ] || SPARKFORMER_COLUMNS=80
fi
