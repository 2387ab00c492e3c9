#!/usr/bin/env bash
# Runs every native fuzz target in the tree, one after another, a line for each.
#
#   packaging/fuzz.sh [TIME [PATTERN]]     60s and all of them, unless told
#
# PATTERN is matched against "folder Name". Goes on after a failure and ends
# with status 1 if any target failed; a failing input stays in the target's
# testdata/fuzz, where the ordinary tests find it again.
set -euo pipefail
cd "$(dirname "$0")/.."

budget=${1:-60s}
pattern=${2:-.}

targets=$(grep -rE --include='*_test.go' --exclude-dir=node_modules --exclude-dir='.?*' -o '^func Fuzz[A-Z0-9_][A-Za-z0-9_]*' . |
	sed -E 's|^\./(.*)/[^/]*:func (.*)$|\1 \2|' | sort | grep -E -- "$pattern" || true)
if [ -z "$targets" ]; then
	echo "fuzz: no target matches '$pattern'" >&2
	exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Two workers, whatever the machine: memory stays bounded and runs are comparable.
fuzz() { go test -C "$1" -run '^$' -fuzz "^$2\$" -fuzztime "$budget" -fuzzminimizetime 10x -parallel 2 . >"$log" 2>&1 </dev/null; }

# A run that reaches its time while an input is still being tried can end in
# this error without any failing input; that says nothing about the target.
cut_short() { grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; }

count=0 failed=0
while read -r dir name; do
	count=$((count + 1))
	if fuzz "$dir" "$name" || { cut_short && fuzz "$dir" "$name"; }; then
		result=$(sed -nE 's/^fuzz: elapsed: [^,]*, (execs: [0-9]+) .*(new interesting: [0-9]+).*/\1, \2/p' "$log" | tail -n 1)
		echo "fuzz: ok    $dir $name $budget ${result}"
		continue
	fi
	failed=$((failed + 1))
	echo "fuzz: FAIL  $dir $name"
	tail -n 60 "$log" | sed 's/^/    /'
	crasher=$(sed -nE 's/^ *Failing input written to (.*)$/\1/p' "$log" | tail -n 1)
	if [ -n "$crasher" ]; then
		echo "fuzz: failing input: $dir/$crasher"
		echo "fuzz: again with:    go test -C $dir -run '^$name\$/^${crasher##*/}\$' ."
	fi
done <<<"$targets"

echo "fuzz: $count targets, $failed failed"
[ "$failed" -eq 0 ]
