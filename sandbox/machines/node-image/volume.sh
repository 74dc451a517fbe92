#!/bin/sh
# volume.sh attach <volume id> <device> | detach <volume id> <device>: shows a volume of the server as a disk. The hypervisor has put its
# directory below /dev/keelson, so that whoever has the server's /dev has its disks: a privileged container too. There is no block device
# behind them, so bin/mount, bin/mkfs, bin/blkid, bin/blockdev, bin/fsck, bin/resize2fs, bin/findmnt and bin/udevadm know such disks.
set -eu
action=$1 id=$2 device=$3
by_id=/dev/disk/by-id/virtio-$(echo "$id" | cut -c1-20)
case $action in
  attach)
    mkdir -p /dev/disk/by-id
    ln -sfn "keelson/$id" "$device"
    ln -sfn "../../${device#/dev/}" "$by_id"
    ;;
  detach)
    # Whoever still has it mounted keeps what is open and finds nothing new there: as when a disk is pulled.
    findmnt -rno TARGET,FSROOT | while read -r target root; do
      case $root in */"$id"/data) umount -l "$target" || : ;; esac
    done
    rm -f "$device" "$by_id"
    ;;
esac
