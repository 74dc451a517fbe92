#!/bin/sh
# install.sh <server directory> <its root>: what the image brings to a new disk; a disk that was booted before keeps what it has.
set -eu
D=$1 R=$2
. "$D/seed/boot.env"
N=$NODE_IMAGE
mkdir -p "$R/var/log" "$R/var/lib" "$R/var/tmp" "$R/var/cache" "$R/usr/local/bin" "$R/usr/local/sbin" "$R/usr/local/share"
[ -e "$R/var/run" ] || ln -s ../run "$R/var/run"
cp "$D/seed/hosts" "$R/etc/hosts"
cp "$D/seed/resolv.conf" "$R/etc/resolv.conf"
[ ! -e "$R/etc/machine-id" ] || exit 0
for f in passwd group shadow nsswitch.conf ssl ca-certificates ca-certificates.conf ld.so.cache ld.so.conf ld.so.conf.d alternatives protocols services login.defs pam.d security localtime iproute2 nftables.conf xattr.conf; do
  # What the user of the sandbox may not read (/etc/shadow, private keys), a server of theirs does without.
  [ ! -e "/etc/$f" ] || cp -a "/etc/$f" "$R/etc/$f" 2> /dev/null || [ "$CGROUPS" = ro ]
done
cp "$D/seed/os-release" "$R/etc/os-release"
cp "$D/seed/hostname" "$R/etc/hostname"
cp -R "$N/etc/." "$R/etc/"
mkdir -p "$R/etc/kubernetes/manifests" "$R/etc/systemd/system/multi-user.target.wants"
ln -sf ../kubelet.service "$R/etc/systemd/system/multi-user.target.wants/kubelet.service"
cp "$D/seed/machine-id" "$R/etc/machine-id"
