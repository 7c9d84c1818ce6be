#!/bin/bash
# What the lab's tests have in common; sourced as "$LAB/lib/checks.sh". Each check prints one sentence: "ok" or "FAIL",
# and on failure the facts. A test ends with `finish`, which fails if any check has.

checks_failed=0
CHECK_OUTPUT=$(mktemp)

pass() { printf 'ok    %s\n' "$1"; }

# fails SENTENCE [FACT...] : counts a failure and shows the facts, indented
fails() {
  checks_failed=$((checks_failed + 1))
  printf 'FAIL  %s\n' "$1"
  shift
  (($# == 0)) || printf '%s\n' "$@" | sed 's/^/        /'
}

# check SENTENCE COMMAND... : COMMAND must succeed; what it prints is shown only if it doesn't
check() {
  local sentence=$1 status=0
  shift
  "$@" >"$CHECK_OUTPUT" 2>&1 || status=$?
  if ((status == 0)); then
    pass "$sentence"
  else
    fails "$sentence" "status $status of: $*" "$(tail --lines=30 "$CHECK_OUTPUT")"
  fi
}

# same SENTENCE ACTUAL EXPECTED
same() {
  if [[ $2 == "$3" ]]; then
    pass "$1"
  elif [[ $2$3 == *$'\n'* ]]; then
    fails "$1" "< expected, > found" "$(diff <(echo "$3") <(echo "$2") || true)"
  else
    fails "$1" "expected '$3', found '$2'"
  fi
}

# matches SENTENCE TEXT REGEX : TEXT matches the extended regular expression
matches() {
  if [[ $2 =~ $3 ]]; then pass "$1"; else fails "$1" "expected to match: $3" "found: $2"; fi
}

# between SENTENCE NUMBER LOW HIGH
between() {
  if [[ $2 =~ ^-?[0-9]+$ ]] && (($2 >= $3 && $2 <= $4)); then
    pass "$1 ($2)"
  else
    fails "$1" "expected $3 to $4, found '$2'"
  fi
}

# eventually SECONDS COMMAND... : polls until COMMAND succeeds; its status is that of the last try
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# not COMMAND... : for conditions of `eventually` and `check`
not() { ! "$@"; }

# status_of COMMAND... : prints the exit status; the output goes to $CHECK_OUTPUT
status_of() {
  local status=0
  "$@" >"$CHECK_OUTPUT" 2>&1 || status=$?
  echo "$status"
}

finish() {
  rm -f "$CHECK_OUTPUT"
  if ((checks_failed > 0)); then
    echo "$checks_failed of the checks above failed"
    exit 1
  fi
  exit 0
}
