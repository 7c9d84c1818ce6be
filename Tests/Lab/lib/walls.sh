#!/bin/bash
# What the tests of the wall around a tenant share; sourced after checks.sh and tenants.sh.

# policy NAME LINE... : writes NAME.yaml
policy() {
  local name=$1
  shift
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 96MiB}\n' "$name" >"$name.yaml"
  (($# == 0)) || printf '%s\n' "$@" >>"$name.yaml"
}

# refusal NAME : the fault that spawning NAME.yaml answers
refusal() { isoctl spawn -f "$1.yaml" -- /bin/sleep infinity 2>&1 || true; }

# probe COMMAND... -- DEED [ARG...] [+ DEED [ARG...]]... : what comes of attacks by a process that the command starts, in
# one line
probe() {
  local by=()
  while [[ $1 != -- ]]; do by+=("$1") && shift; done
  shift
  "${by[@]}" -- /usr/bin/python3 -I -B - "$@" <"$LAB/lib/wall-probe.py" 2>&1 | paste --serial --delimiters='|'
}

# inside NAME DEED... : in a new tenant of NAME.yaml
inside() { probe isoctl run -f "$1.yaml" -- "${@:2}"; }

# entering NAME DEED... : by a command that enters a running tenant
entering() { probe isoctl exec -i "$1" -- "${@:2}"; }

# handle_core_dumps : has the host start a program for each core dump, until restore_core_dumps
core_pattern=$(</proc/sys/kernel/core_pattern)
handle_core_dumps() {
  cat >/usr/local/sbin/lab-core <<'H'
#!/bin/sh
cat >/dev/null
touch /run/lab-core
H
  chmod 0755 /usr/local/sbin/lab-core
  echo '|/usr/local/sbin/lab-core %p' >/proc/sys/kernel/core_pattern
}
restore_core_dumps() {
  echo "$core_pattern" >/proc/sys/kernel/core_pattern
  rm -f /usr/local/sbin/lab-core /run/lab-core
}

# dumps inside|entering NAME : whether that program is started when a process crashes there
dumps() {
  rm -f /run/lab-core
  "$1" "$2" crash >/dev/null
  # The kernel doesn't wait for the handler.
  eventually 5 test -e /run/lab-core && echo dumped || echo nothing
}

# host_key : adds the key lab-wall to the keyring of the host's user, and prints its number
host_key() {
  python3 -I - <<'P'
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
number = 248 if __import__("os").uname().machine == "x86_64" else 217
print(libc.syscall(ctypes.c_long(number), b"user", b"lab-wall", b"host-key", 8, ctypes.c_long(-4)))
P
}

# listen_abstractly : has the host listen at the abstract socket lab-wall, until stop_listening
listener=
listen_abstractly() {
  python3 -I -c 'import socket, time
server = socket.socket(socket.AF_UNIX); server.bind("\0lab-wall"); server.listen(); time.sleep(900)' </dev/null >/dev/null 2>&1 &
  listener=$!
  eventually 20 grep -q '@lab-wall' /proc/net/unix
}
stop_listening() { [[ -z $listener ]] || kill "$listener" 2>/dev/null || true; }
