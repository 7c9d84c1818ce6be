#!/bin/bash
# Tenants that do IO, and what the kernel and the scheduler say of them; sourced after tenants.sh.

# number_of NODE : major:minor of the disk that a node of /dev is, or is a partition of
number_of() {
  local name
  name=$(basename "$(readlink --canonicalize "$1")")
  [[ ! -e /sys/class/block/$name/partition ]] || name=$(basename "$(dirname "$(readlink --canonicalize "/sys/class/block/$name")")")
  cat "/sys/block/$name/dev"
}

# fio_tenant NAME DIRECTORY "IO LINE" FIO-ARGUMENT... : a tenant that runs fio in a directory, with a line of `io`, until
# it is ended
fio_tenant() {
  local name=$1 directory=$2 line=$3
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 128MiB}\npids: {max: 64}\nroot: {base: host, writable: [%s]}\nio:\n  - device: %s\n    %s\n' \
    "$name" "$directory" "$directory" "$line" >"$name.yaml"
  isoctl spawn -f "$name.yaml" -- /usr/bin/fio "--name=$name" --time_based --runtime=600 --thread "${@:4}" >/dev/null
}

# counted NUMBER NAME KEY : what io.stat of a tenant's group counts so far
counted() {
  local count
  count=$(sed -n "s/^$1 .*$3=\([0-9]*\).*/\1/p" "$TENANTS_UNIT/$2/io.stat")
  echo "${count:-0}"
}

# counted_in SECONDS NUMBER KEY NAME... : how much each did meanwhile, one line each
counted_in() {
  local seconds=$1 number=$2 key=$3 tenant
  shift 3
  declare -A before
  for tenant in "$@"; do before[$tenant]=$(counted "$number" "$tenant" "$key"); done
  sleep "$seconds"
  for tenant in "$@"; do echo $(($(counted "$number" "$tenant" "$key") - before[$tenant])); done
}

# of_disk NUMBER FILTER and of_tenant NUMBER NAME FILTER : what `isoctl io top` shows
of_disk() { isoctl io top --once --json | jq --raw-output ".disks[] | select(.number == \"$1\") | $2"; }
of_tenant() { of_disk "$1" ".tenants[] | select(.name == \"$2\") | $3"; }
