#!/bin/sh
# kernel.sh <seed>: binds files of the server's own over those of the machine's kernel. What a program then writes there changes nothing.
set -eu
seed=$1
mkdir -p /run/keelson/kernel
cd /run/keelson/kernel

# Settings the kubelet and kube-proxy insist on (pkg/util/sysctl and kernel defaults; pkg/proxy/conntrack). They are global to the machine.
while read -r path value; do
  [ -e "$path" ] || continue
  file=$(echo "$path" | tr / .)
  echo "$value" > "$file"
  mount --bind "$file" "$path"
done <<SETTINGS
/proc/sys/vm/overcommit_memory 1
/proc/sys/vm/panic_on_oom 0
/proc/sys/kernel/panic 10
/proc/sys/kernel/panic_on_oops 1
/proc/sys/kernel/keys/root_maxkeys 1000000
/proc/sys/kernel/keys/root_maxbytes 25000000
/proc/sys/net/netfilter/nf_conntrack_max 1048576
/sys/module/nf_conntrack/parameters/hashsize 262144
SETTINGS

# Memory and processors of the flavor.
cp "$seed/meminfo" meminfo; mount --bind meminfo /proc/meminfo
cp -R "$seed/cpu" cpu; mount --bind cpu /sys/devices/system/cpu
[ ! -d /sys/devices/system/node ] || { mkdir node; mount --bind node /sys/devices/system/node; }
[ ! -e /sys/class/dmi/id/product_uuid ] || { cp "$seed/product_uuid" .; mount --bind product_uuid /sys/class/dmi/id/product_uuid; }

# Whoever misses a disk lets all SCSI hosts look for it: those are the machine's.
[ ! -d /sys/class/scsi_host ] || { mkdir scsi_host; mount --bind scsi_host /sys/class/scsi_host; }

# kubeadm's SystemVerification reads the kernel's configuration. The image answers as a real node's kernel does; what the sandbox itself
# needs is checked when it starts. (Likewise the cgroup controllers: bin/kubeadm.)
if [ -e /proc/config.gz ]; then
  gzip -c "$seed/kernel-config" > config.gz; mount --bind config.gz /proc/config.gz
else
  cp "$seed/kernel-config" "/boot/config-$(uname -r)"
fi
