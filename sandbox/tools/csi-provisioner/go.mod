module keelson.dev/sandbox/csi-provisioner

go 1.26.0

require (
	github.com/kubernetes-csi/external-provisioner/v5 v5.3.0
	github.com/kubernetes-csi/external-resizer v1.14.0
)
