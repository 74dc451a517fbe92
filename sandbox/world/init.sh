#!/bin/sh
# PID 1 of the world: waits until its pid is written down, makes its own /proc and /run, runs the host-side process and
# reaps what servers leave behind. When it ends, the kernel ends every process of the world.
set -e
read -r go || exit 0
[ "$go" = go ] || exit 0
exec < /dev/null
mount -t proc proc /proc
mount -t tmpfs -o mode=755,size=64m tmpfs /run
# Not by `ip netns add`, which goes back to the network it came from: without root nobody enters the machine's a second time.
mkdir /run/netns
: > /run/netns/world
unshare --net=/run/netns/world ip link set dev lo up
"$@" &
host=$!
trap 'kill -TERM $host 2>/dev/null' TERM INT HUP
set +e
while kill -0 $host 2>/dev/null; do wait $host; done
