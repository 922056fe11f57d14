# To be sourced just before exec: standard error then passes through grep, which leaves out the warning about Java's Vector API. Java
# prints it at each start, and has no option against it. The jobs themselves write to the standard error that the caller gave, descriptor 9:
# so their lines keep their order with standard output, and none is left when the script ends.
true >&2 || return 0 # it is closed
exec 9>&2
trap '' INT TERM HUP # for grep, which ends with the program's output
exec 2> >(exec grep -a -v --line-buffered '^WARNING: Using incubator modules: ' >&9 9>&-)
trap - INT TERM HUP
# Valid in this process alone, whose number stays the same over exec.
export SPARKFORMER_STDERR=$$:9
