#!/bin/sh
# Turns the bootstrapped tree $1 into the guest: nothing starts by itself but what systemd itself needs.
# Runs on the host as (possibly fake) root of the tree, before it becomes an ext4 image.
set -eu
root=$1

disable() {
  for unit in "$@"; do
    chroot "$root" systemctl disable "$unit" >/dev/null 2>&1 || true
  done
}

mask() {
  for unit in "$@"; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

# The packages' own services stay installed, with their users; scripts start them when they want them.
disable nginx.service redis-server.service postgresql.service prometheus.service \
  podman.service podman.socket podman-auto-update.service podman-auto-update.timer \
  podman-restart.service podman-clean-transient.service netavark-dhcp-proxy.service netavark-dhcp-proxy.socket apache-htcacheclean.service
if [ -d "$root/etc/postgresql" ]; then
  find "$root/etc/postgresql" -name start.conf -exec sed -i 's/^auto$/manual/' {} +
fi

# Housekeeping which would wake up in the middle of a measurement, or delay the boot.
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer man-db.timer logrotate.timer systemd-tmpfiles-clean.timer \
  systemd-networkd.service systemd-networkd-wait-online.service systemd-resolved.service \
  systemd-timesyncd.service systemd-udev-settle.service systemd-firstboot.service \
  systemd-machine-id-commit.service systemd-update-done.service systemd-pstore.service \
  systemd-hwdb-update.service ldconfig.service systemd-journal-catalog-update.service \
  systemd-tpm2-setup.service systemd-tpm2-setup-early.service \
  getty@.service serial-getty@.service console-getty.service getty-static.service \
  keyboard-setup.service console-setup.service cron.service

rm -f "$root/etc/fstab"
echo isolated-lab > "$root/etc/hostname"
printf '127.0.0.1 localhost isolated-lab\n::1 localhost\n' > "$root/etc/hosts"
echo '0123456789abcdef0123456789abcdef' > "$root/etc/machine-id"
rm -rf "$root/etc/resolv.conf" "$root"/boot/initrd.img-* "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*
mkdir -p "$root/lab" "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=64M\n' > "$root/etc/systemd/journald.conf.d/lab.conf"
passwd --root "$root" -d root >/dev/null 2>&1 || sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"
