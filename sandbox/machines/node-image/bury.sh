#!/bin/sh
# bury.sh <directory> <cgroup>: ends what is left in a cgroup tree and removes it. Runs in a mount namespace of its own.
set -eu
D=$1 group=$2
mkdir -p "$D"
mount -t cgroup2 cgroup2 "$D"
cd "$D"
[ -d "$group" ] || exit 0
echo 1 > "$group/cgroup.kill"
i=0
while [ -d "$group" ] && [ $i -lt 100 ]; do
  find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.05
  i=$((i + 1))
done
[ ! -d "$group" ] || { echo "cgroup $group is still in use" >&2; exit 1; }
