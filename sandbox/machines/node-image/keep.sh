#!/bin/sh
# keep.sh UNIT: runs a unit's program and starts it again whenever it ends, as Restart=always does. Its log is /var/log/UNIT.log.
unit=$1
kubelet() {
  # The kubelet of a node that kubeadm has not reached yet would end at once for want of its configuration; here it waits.
  until [ -s /var/lib/kubelet/config.yaml ]; do sleep 0.2; done
  KUBELET_KUBEADM_ARGS='' KUBELET_EXTRA_ARGS=''
  [ ! -f /var/lib/kubelet/kubeadm-flags.env ] || . /var/lib/kubelet/kubeadm-flags.env
  [ ! -f /etc/default/kubelet ] || . /etc/default/kubelet
  # 10-kubeadm.conf, and the image's own configuration as drop-ins. Go's memory settings: a dozen kubelets share the machine.
  export GOMEMLIMIT=64MiB GOGC=50
  set -f
  exec kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf \
    --config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubelet.conf.d $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
}
containerd() {
  exec node --max-semi-space-size=1 --max-old-space-size=128 --optimize-for-size /opt/keelson/programs/container-runtime.mjs /etc/keelson-cri.json
}
while :; do
  $unit >> "/var/log/$unit.log" 2>&1 &
  echo $! > "/run/systemd/units/$unit.main"
  wait $!
  echo "$unit ended with status $?" >> "/var/log/$unit.log"
  rm -f "/run/systemd/units/$unit.main"
  sleep 1
done
