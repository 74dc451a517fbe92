#!/bin/sh
# config-drive.sh <seed>: what the server is told, as the disk that Nova adds to a server made with config_drive
# (https://docs.openstack.org/nova/latest/user/metadata.html#config-drives). cloud-init reads the seed itself; Cinder CSI looks here for
# the server's id and zone.
set -eu
seed=$1
drive=/dev/keelson/config-2
mkdir -p "$drive/data/openstack/latest" /dev/disk/by-label
cp "$seed/meta_data.json" "$seed/user_data" "$drive/data/openstack/latest/"
printf 'TYPE=iso9660\nLABEL=config-2\n' > "$drive/filesystem"
ln -sfn ../../keelson/config-2 /dev/disk/by-label/config-2
