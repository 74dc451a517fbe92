{{/* An image reference: include "chart.image" (list $ .Values.x.image). */}}
{{- define "chart.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $registry := dig "imageRegistry" $image.registry ($root.Values.global | default dict) -}}
{{ $registry }}/{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag }}{{ end }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "chart.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Where pods may run. */}}
{{- define "chart.placement" -}}
nodeSelector: {{ toJson .Values.nodeSelector }}
tolerations: {{ toJson .Values.tolerations }}
imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
priorityClassName: {{ .Values.priorityClassName | quote }}
{{- end -}}

{{/* The fields of a Prometheus that both charts share; the rest says what it reads. */}}
{{- define "chart.prometheus" -}}
{{- $prometheus := .Values.prometheus -}}
image: {{ include "chart.image" (list . $prometheus.image) }}
imagePullPolicy: {{ $prometheus.image.pullPolicy }}
version: {{ $prometheus.image.tag }}
replicas: {{ $prometheus.replicas | default 1 }}
serviceAccountName: keelson-prometheus
retention: {{ $prometheus.retention }}
scrapeInterval: {{ $prometheus.scrapeInterval }}
evaluationInterval: {{ $prometheus.evaluationInterval }}
logLevel: {{ $prometheus.logLevel }}
enableAdminAPI: false
# Both would be labels of every federated series. Only a store that both replicas write to has to know them apart;
# prometheus-operator takes the label from alerts.
prometheusExternalLabelName: ""
replicaExternalLabelName: {{ if $prometheus.remoteWrite }}prometheus_replica{{ else }}""{{ end }}
serviceDiscoveryRole: EndpointSlice
# No ServiceMonitor of whatever namespace may have this Prometheus send its own token, or any file, to a target.
arbitraryFSAccessThroughSMs: {deny: true}
resources: {{ toJson $prometheus.resources }}
{{ include "chart.placement" . }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65534
  runAsGroup: 65534
  fsGroup: 65534
  seccompProfile: {type: RuntimeDefault}
storage:
  {{- if $prometheus.storage }}
  volumeClaimTemplate:
    spec:
      {{- with $prometheus.storageClassName }}
      storageClassName: {{ . }}
      {{- end }}
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: {{ $prometheus.storage }}}}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end -}}

{{/* Two of a pair on one node die with it: include "chart.apart" "prometheus". */}}
{{- define "chart.apart" -}}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector: {matchLabels: {app.kubernetes.io/name: {{ . }}, app.kubernetes.io/instance: keelson}}
{{- end -}}

{{/* What a Prometheus must read to find its targets. */}}
{{- define "chart.discoveryRules" -}}
- {apiGroups: [""], resources: [services, pods], verbs: [list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
- {apiGroups: [""], resources: [nodes/metrics], verbs: [get]}
- {nonResourceURLs: [/metrics], verbs: [get]}
{{- end -}}
