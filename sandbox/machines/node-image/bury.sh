#!/bin/sh
# bury.sh <directory> <cgroup>: ends what is left in a cgroup tree and removes it, and its shadows in version 1 (see launch.sh). Runs in
# a mount namespace of its own.
set -eu
D=$1 group=$2
mkdir -p "$D/v2"
mount -t cgroup2 cgroup2 "$D/v2"
[ ! -d "$D/v2/$group" ] || echo 1 > "$D/v2/$group/cgroup.kill"
for controllers in $(sed -nE 's/^[0-9]+:(memory|cpu|cpuacct|cpu,cpuacct):.*/\1/p' /proc/self/cgroup); do
  mkdir -p "$D/$controllers"
  mount -t cgroup -o "$controllers" cgroup "$D/$controllers"
done
left() { find "$D" -type d -path "*/$group" -print -quit; }
i=0
while [ -n "$(left)" ] && [ $i -lt 100 ]; do
  find "$D" -depth -type d \( -path "*/$group" -o -path "*/$group/*" \) -exec rmdir {} + 2> /dev/null || sleep 0.05
  i=$((i + 1))
done
[ -z "$(left)" ] || { echo "cgroup $group is still in use" >&2; exit 1; }
