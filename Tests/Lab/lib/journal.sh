#!/bin/bash
# Parts of the journal, from one place to another; sourced as "$LAB/lib/journal.sh". A time would take in lines of before
# that are of the same second.

# journal_end : prints the place where the journal ends now
journal_end() {
  journalctl --sync
  journalctl --lines=0 --show-cursor --quiet | sed -n 's/^-- cursor: //p'
}

# journal_after PLACE OPTION... : what came after it
journal_after() {
  journalctl --sync
  journalctl --after-cursor="$1" --output=cat --quiet "${@:2}"
}
