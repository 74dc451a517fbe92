#!/bin/sh
# launch.sh <server directory> [<cgroup>]: puts itself into the server's cgroup, if it has one, and becomes the server. Runs in a mount namespace of
# its own, where cgroup2 can be mounted wherever the machine has it (or has it not, beside version 1).
set -eu
D=$1 group=${2:-}
become_server() { exec unshare --net --uts --ipc --pid --cgroup --fork --kill-child sh "${0%/*}/init.sh" "$D"; }
[ -n "$group" ] || become_server
mkdir -p "$D/cgroup"
mount -t cgroup2 cgroup2 "$D/cgroup"
mkdir -p "$D/cgroup/$group"
# Where version 2 has the controllers (and not version 1), the server's own cgroup tells its memory truly. Nothing above it is changed.
for controller in cpu memory pids; do echo "+$controller" > "$D/cgroup/${group%/*}/cgroup.subtree_control" 2> /dev/null || :; done
echo 0 > "$D/cgroup/$group/cgroup.procs"
# Beside version 1, which then has the controllers: there the server gets a group of its own below ours, so that its memory and CPU time
# are counted too (cgroup_namespaces(7): what is our group now becomes the root that the server sees).
grep -E ':(memory|cpu|cpuacct|cpu,cpuacct):' /proc/self/cgroup | while IFS=: read -r _ controllers path; do
  mkdir -p "$D/cgroup-v1/$controllers"
  mount -t cgroup -o "$controllers" cgroup "$D/cgroup-v1/$controllers"
  mkdir -p "$D/cgroup-v1/$controllers${path%/}/$group"
  echo $$ > "$D/cgroup-v1/$controllers${path%/}/$group/cgroup.procs"
done
become_server
