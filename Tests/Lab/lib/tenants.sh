#!/bin/bash
# Helpers around isoctl for the lab's tests; sourced after checks.sh. They need no more than its documented output.

# shellcheck disable=SC2034  # for those who source this
TENANTS_UNIT=/sys/fs/cgroup/isolated.slice/isolated-tenants.service

# tenant_json NAME : its line of `isoctl ps --json`; nothing if there is no such tenant
tenant_json() { isoctl ps --json | jq --compact-output --arg name "$1" '.tenants[] | select(.name == $name)'; }

# tenant_state NAME : running, ended…
tenant_state() { tenant_json "$1" | jq --raw-output .state; }

is_running() { [[ $(tenant_state "$1") == running ]]; }
has_ended() { [[ $(tenant_state "$1") == ended ]]; }
is_unknown() {
  local all
  all=$(isoctl ps --json) && ! jq --exit-status --arg name "$1" 'any(.tenants[]; .name == $name)' <<<"$all" >/dev/null
}

# group_of NAME : the directory of its control group
group_of() { isoctl inspect "$1" --json | jq --raw-output .cgroup; }

# first_process NAME : the host's pid of the tenant's PID 1
first_process() { tenant_json "$1" | jq --raw-output .pid; }

# payload_of NAME : the host's pid of the command, a child of the tenant's PID 1
payload_of() { pgrep --parent "$(first_process "$1")" | head --lines=1; }

# counter FILE KEY : a value of a flat keyed file, such as memory.events
counter() { sed -n "s/^$2 //p" "$1"; }

# end_tenant NAME... : kills and forgets tenants that may be there
end_tenant() {
  local name
  for name in "$@"; do
    isoctl stop --grace=0ms "$name" >/dev/null 2>&1 || true
    isoctl forget "$name" >/dev/null 2>&1 || true
  done
}

# end_tenants : all of them
end_tenants() {
  local names
  mapfile -t names < <(isoctl ps --json | jq --raw-output '.tenants[].name')
  end_tenant "${names[@]}"
}

# sleeping_policy NAME LINE... : prints a policy of 32 MiB whose command sleeps, with more lines; for `isoctl … -f -`
sleeping_policy() {
  local name=$1
  shift
  printf 'tenant: %s\ncommand: [/bin/sleep, infinity]\nmemory: {max: 32MiB}\n' "$name"
  (($# == 0)) || printf '%s\n' "$@"
}
