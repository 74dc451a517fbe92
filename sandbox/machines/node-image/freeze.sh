#!/bin/sh
# freeze.sh <directory> <cgroup> <1|0>: stops every process of a cgroup where it is, or lets all go on, and waits until that is so
# (cgroup.freeze, Linux 5.2; it needs no controller). Runs in a mount namespace of its own.
set -eu
D=$1 group=$2 wanted=$3
mkdir -p "$D/v2"
mount -t cgroup2 cgroup2 "$D/v2"
echo "$wanted" > "$D/v2/$group/cgroup.freeze"
i=0
until grep -q "^frozen $wanted\$" "$D/v2/$group/cgroup.events"; do
  [ $i -lt 100 ] || { echo "cgroup $group did not become frozen=$wanted within 5 s" >&2; exit 1; }
  sleep 0.05
  i=$((i + 1))
done
