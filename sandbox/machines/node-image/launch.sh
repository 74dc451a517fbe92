#!/bin/sh
# launch.sh <server directory> <cgroup>: puts itself into the server's cgroup and becomes the server. Runs in a mount namespace of
# its own, where cgroup2 can be mounted wherever the machine has it (or has it not, beside version 1).
set -eu
D=$1 group=$2
mkdir -p "$D/cgroup"
mount -t cgroup2 cgroup2 "$D/cgroup"
mkdir -p "$D/cgroup/$group"
echo 0 > "$D/cgroup/$group/cgroup.procs"
exec unshare --net --uts --ipc --pid --cgroup --fork --kill-child sh "${0%/*}/init.sh" "$D"
