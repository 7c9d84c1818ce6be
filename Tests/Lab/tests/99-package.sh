#!/bin/bash
# The package's life: an upgrade restarts the daemon and no tenant, removal ends the tenants, purging leaves nothing but
# the group, and a fresh installation runs again.
# lab-timeout: 600
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

package=/lab/.shared/product.deb
configuration=/etc/isolated/isolated.yaml

main_pid() { systemctl show --property=MainPID --value "$1"; }
serves() { isoctl ps >/dev/null 2>&1; }
active() { systemctl --quiet is-active "$@"; }
enabled() { systemctl --quiet is-enabled "$1"; }
install_package() { dpkg --install --force-confold "$package"; }
mode_of() { stat --format='%a %U %G' "$1"; }

same '/run/isolated is open to look at' "$(mode_of /run/isolated)" '755 root root'
same '/var/lib/isolated is not' "$(mode_of /var/lib/isolated)" '700 root root'
check 'the group isolated exists' getent group isolated
check 'the daemon starts at boot' enabled isolated.service
check 'its socket too' enabled isolated.socket
same 'the directory of tenants that start with the host is there, and empty' "$(ls -A /etc/isolated/tenants.d && mode_of /etc/isolated/tenants.d)" '755 root root'

sleeping_policy survivor | isoctl spawn -f - >/dev/null
tenant=$(first_process survivor)
daemon=$(main_pid isolated.service)
holder=$(main_pid isolated-tenants.service)
echo '# changed by the administrator' >>"$configuration"
called=0
while sleep 0.1; do timeout 60 isoctl ps >/dev/null 2>>refusals || echo refused >>refusals; called=$((called + 1)); echo $called >calls; done &
caller=$!
check 'an upgrade installs' install_package
kill $caller
wait $caller 2>/dev/null || true
between 'while somebody calls all the time' "$(<calls)" 3 100000
same 'whose calls are all answered' "$(cat refusals)" ''
check 'and the daemon serves' eventually 30 serves
check 'as a new process' test "$(main_pid isolated.service)" -ne "$daemon"
same 'isolated-tenants.service is not restarted' "$(main_pid isolated-tenants.service)" "$holder"
same 'the tenant lives on' "$(first_process survivor)" "$tenant"
check 'a changed configuration stays' grep 'changed by the administrator' "$configuration"

systemctl --quiet disable isolated.service
check 'an upgrade over a disabled daemon installs' install_package
check 'and the daemon stays disabled' not enabled isolated.service
systemctl --quiet enable isolated.service

touch /var/lib/isolated/kept
check 'the package can be removed' dpkg --remove isolated
check 'which ends the tenants' test ! -d "/proc/$tenant"
check 'and their group' test ! -e "$TENANTS_UNIT"
check 'and /run/isolated' test ! -e /run/isolated
check 'but keeps what is stored' test -e /var/lib/isolated/kept
check 'and what is configured' test -e "$configuration"

check 'the package can be purged' dpkg --purge isolated
same 'which leaves no file' \
  "$(find /etc /usr /var /run -xdev -name '*isolated*' -not -path '*isolated-lab*' -not -path '/var/log/journal/*')" ''

check 'a fresh package installs' install_package
check 'and all units run' active isolated.socket isolated.service isolated-tenants.service
check 'and start at boot' enabled isolated.service
check 'and the daemon serves' eventually 30 serves
finish
