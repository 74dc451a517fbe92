#!/bin/sh
# First process of a simulated server. It is started in namespaces of its own (network, mount, PID, UTS, IPC, cgroup) with the
# server's directory as argument, builds the server's file system, starts the services and waits.
#   fd 0: a line arrives when the network devices are there     fd 1, 2: the console     fd 3: "born PID", "running"
set -eu
D=$1
. "$D/seed/boot.env"
N=$NODE_IMAGE
# The machine's /proc is still there, so this is the process id as the hypervisor sees it.
read -r pid _ < /proc/self/stat
echo "born $pid" >&3
read -r _ || { echo "init: the hypervisor went away" ; exit 1; }
exec < /dev/null

# Read-only, with what else the mount must keep: in a user namespace a mount of the machine's keeps its nosuid, nodev, noexec.
show_only() {
  mount -o remount,bind,ro "$1" 2> /dev/null || mount -o "remount,bind,$(findmnt -nro VFS-OPTIONS -M "$(readlink -f "$1")" | tail -1),ro" "$1"
}

# ---- file system: a tmpfs with the machine's programs (read-only) and a disk of its own ----
R=$D/root
mkdir -p "$R"
mount -t tmpfs -o mode=755 root "$R"
cd "$R"
mkdir -p old usr proc sys dev run tmp root home etc var opt mnt srv boot
chmod 1777 tmp
for d in bin sbin lib lib32 lib64 libx32; do [ ! -L "/$d" ] || ln -s "usr/$d" "$d"; done
for d in bin sbin lib lib32 lib64 libx32 share; do
  [ -d "/usr/$d" ] || continue
  mkdir "usr/$d"; mount --bind "/usr/$d" "usr/$d"; show_only "usr/$d"
done
for d in etc var root home opt; do mkdir -p "$D/disk/$d"; mount --bind "$D/disk/$d" "$d"; done
for d in local libexec; do mkdir -p "$D/disk/usr-$d" "usr/$d"; mount --bind "$D/disk/usr-$d" "usr/$d"; done
sh "$N/install.sh" "$D" "$R"

mkdir -p opt/keelson/programs opt/keelson/bin opt/keelson/images opt/keelson/node var/lib/keelson/layers
mount --bind "$PROGRAMS" opt/keelson/programs; show_only opt/keelson/programs
mount --bind "$N" opt/keelson/node; show_only opt/keelson/node
: > opt/keelson/bin/node; mount --bind "$NODE" opt/keelson/bin/node; show_only opt/keelson/bin/node
mount --bind "$D/seed" mnt; show_only mnt
mount --bind "$LAYERS" var/lib/keelson/layers
mkdir -p "$D/volumes"
[ -z "$IMAGES" ] || { mount --bind "$IMAGES" opt/keelson/images; show_only opt/keelson/images; }
while IFS='	' read -r name path; do
  mkdir -p "opt/keelson/${name%/*}"; : > "opt/keelson/$name"; mount --bind "$path" "opt/keelson/$name"; show_only "opt/keelson/$name"
done < "$D/seed/tools"
ln -sfn "$KUBERNETES" opt/keelson/kubernetes

mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid,nodev run run
# The runtime keeps containers in version 2 wherever the machine has it. The kubelet gets the version that has the controllers: it reads
# the memory of the node from there, and metrics-server takes a node without one for broken.
mkdir -p run/keelson/cgroup
mount -t cgroup2 -o "$CGROUPS,nosuid,nodev,noexec" cgroup2 run/keelson/cgroup
if grep -q ':memory:' /proc/self/cgroup; then
  mount -t tmpfs -o mode=755,nosuid,nodev cgroup sys/fs/cgroup
  grep -E ':(memory|cpu|cpuacct|cpu,cpuacct|cpuset):' /proc/self/cgroup | while IFS=: read -r _ controllers _; do
    mkdir "sys/fs/cgroup/$controllers"
    mount -t cgroup -o "$CGROUPS,nosuid,nodev,noexec,$controllers" cgroup "sys/fs/cgroup/$controllers"
  done
else
  mount -t cgroup2 -o "$CGROUPS,nosuid,nodev,noexec" cgroup2 sys/fs/cgroup
fi
mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
mount -t tmpfs -o mode=755,nosuid dev dev
mkdir dev/pts dev/shm dev/mqueue dev/keelson
mount --bind "$D/volumes" dev/keelson
# The machine's own devices: a user namespace may make none.
for device in null zero full random urandom tty kmsg; do [ ! -e "/dev/$device" ] || { : > "dev/$device"; mount --bind "/dev/$device" "dev/$device"; }; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd; ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr

pivot_root . old
cd /
umount -l /old
rmdir /old
mkdir -p /run/keelson
mkdir /run/keelson/seed; mount --move /mnt /run/keelson/seed
PATH=/opt/keelson/node/bin:$PATH
while read -r id device; do sh /opt/keelson/node/volume.sh attach "$id" "$device"; done < /run/keelson/seed/volumes
[ -z "$CONFIG_DRIVE" ] || sh /opt/keelson/node/config-drive.sh /run/keelson/seed

# Containers mount a /proc and a /sys of their own. In a user namespace the kernel lets them only while one is in sight that nothing covers
# (mount_too_revealing in fs/namespace.c), and the next step covers parts of ours.
mkdir -p /run/keelson/uncovered/proc /run/keelson/uncovered/sys
mount -t proc -o nosuid,nodev,noexec proc /run/keelson/uncovered/proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /run/keelson/uncovered/sys

# ---- what the machine's kernel shows: files of the flavor's and the image's instead, so that nothing of the machine is changed ----
sh /opt/keelson/node/kernel.sh /run/keelson/seed
mount --make-rshared /
mkdir -p /var/lib/keelson-cri
mount --bind /var/lib/keelson-cri /var/lib/keelson-cri
mount --make-private /var/lib/keelson-cri

# ---- file systems on volumes ----
[ ! -s /etc/fstab ] || while read -r spec directory type options _; do
  sh /opt/keelson/node/bin/mount -t "$type" -o "$options" "$spec" "$directory" || echo "init: cannot mount $spec on $directory"
done < /etc/fstab

# ---- network ----
hostname "$HOSTNAME"
ip link set lo up
ip -batch /run/keelson/seed/network.batch
for key in net/ipv4/ip_forward net/ipv4/conf/all/forwarding; do echo 1 > /proc/sys/$key; done

# ---- services ----
PATH=/opt/keelson/node/bin:/opt/keelson/kubernetes:/opt/keelson/tools:/opt/keelson/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
export PATH HOME
unset D R N NODE_IMAGE KUBERNETES PROGRAMS LAYERS IMAGES NODE CGROUPS CONFIG_DRIVE
echo "[    0.000000] keelson: server $HOSTNAME, image $IMAGE, flavor $FLAVOR"
echo running >&3
exec 3>&-
systemctl start containerd
[ ! -e /etc/systemd/system/multi-user.target.wants/kubelet.service ] || systemctl start kubelet
cloud_init() {
  until [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done
  node /opt/keelson/programs/cloud-init.mjs /run/keelson/seed 2>&1 | tee -a /var/log/cloud-init-output.log
}
cloud_init &

shutdown() {
  trap '' TERM
  echo "keelson: stopping"
  systemctl stop kubelet; systemctl stop containerd
  kill -TERM -1 2>/dev/null || :
  sleep 0.3
  exit 0
}
trap shutdown TERM
# The first process of a PID namespace reaps every orphan; `wait` does so while it waits for this child.
set +e
while :; do sleep 2147483647 & wait $!; done
