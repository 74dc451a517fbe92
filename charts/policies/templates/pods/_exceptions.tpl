{{- define "keelson.pods.components" -}}
[{"namespace":"keelson-system","kind":"DaemonSet","name":"cert-exporter-files","labels":{},"checks":["restrictedVolumes","runAsNonRoot","runAsUser"],"reason":"reads certificates of the node: only root may, and they are in the node's directories (mounted read-only)"},{"namespace":"keelson-system","kind":"DaemonSet","name":"net-exporter-files","labels":{},"checks":["restrictedVolumes","runAsNonRoot","runAsUser"],"reason":"reads certificates of the node beside its own work: only root may, and they are in the node's directories (mounted read-only); without certificates the DaemonSet has another name and needs nothing"},{"namespace":"keelson-system","kind":"DaemonSet","name":"node-exporter","labels":{},"checks":["hostNamespaces","restrictedVolumes"],"reason":"measures the machine: its network, its processes, its file systems"},{"namespace":"keelson-system","kind":"DaemonSet","name":"control-plane-metrics","labels":{},"checks":["hostNamespaces"],"reason":"reads what listens on the loopback address of control plane nodes, so it is on the network of the node"},{"namespace":"kube-system","kind":"DaemonSet","name":"openstack-cloud-controller-manager","labels":{},"checks":["hostNamespaces","hostProbesAndHostLifecycle"],"reason":"runs before there is a pod network, so in the network of the node, and is probed at its loopback address"}]
{{- end -}}

{{- define "keelson.pods.exceptions" -}}
{{- range .Values.pods.exceptions -}}
{{- if le (toDate "2006-01-02T15:04:05Z07:00" .expires | unixEpoch | int64) (now | unixEpoch | int64) -}}
{{- fail (printf "pods.exceptions: %s %s/%s expired at %s: remove it, or renew it with its owner %s" .kind .namespace .name .expires .owner) -}}
{{- end -}}
{{- end -}}
{{- concat (include "keelson.pods.components" . | fromJsonArray) .Values.pods.exceptions | toJson -}}
{{- end -}}

{{- define "keelson.pods.waived" -}}
{{- range $i, $e := include "keelson.pods.exceptions" . | fromJsonArray -}}
{{- if $i }} + {{ end }}(object.metadata.?namespace.orValue('') == {{ toJson $e.namespace }} && {{ toJson $e.kind }} + '/' + {{ toJson $e.name }} in variables.identities && {{ toJson ($e.labels | default dict) }}.all(k, variables.labels[?k].orValue('') == {{ toJson ($e.labels | default dict) }}[k]) && timestamp(object.metadata.creationTimestamp) < timestamp({{ toJson ($e.expires | default "9999-12-31T00:00:00Z") }}) && (variables.owners.size() > 0 ? variables.isController || (request.userInfo.username in {{ toJson ($e.who | default list) }} || request.userInfo.?groups.orValue([]).exists(g, g in {{ toJson ($e.who | default list) }})) : {{ toJson ($e.who | default list) }}.size() == 0 || (request.userInfo.username in {{ toJson ($e.who | default list) }} || request.userInfo.?groups.orValue([]).exists(g, g in {{ toJson ($e.who | default list) }}))) ? {{ toJson $e.checks }} : [])
{{- else -}}
[]
{{- end -}}
{{- end -}}
