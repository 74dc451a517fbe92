{{/* The image reference. */}}
{{- define "chart.image" -}}
{{- $registry := dig "imageRegistry" .Values.image.registry (.Values.global | default dict) -}}
{{ $registry }}/{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end -}}

{{/* Labels that select the pods, with and without certificates. */}}
{{- define "chart.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "chart.labels" -}}
{{ include "chart.selector" . }}
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

{{- define "chart.scheme" -}}{{ .Values.tls.secretName | empty | ternary "HTTP" "HTTPS" }}{{- end -}}

{{/* What both configurations have. */}}
{{- define "chart.commonConfig" -}}
logLevel: {{ .Values.logLevel }}
{{- if .Values.tls.secretName }}
tls: {certFile: /etc/net-exporter-tls/tls.crt, keyFile: /etc/net-exporter-tls/tls.key}
{{- end }}
{{- end -}}

{{/* Configuration of net-exporter. */}}
{{- define "chart.config" -}}
{{ include "chart.commonConfig" . }}
intervalSeconds: {{ .Values.intervalSeconds }}
mesh: {{ toJson .Values.mesh }}
service: {{ toJson .Values.service }}
dns: {{ toJson .Values.dns }}
ntp: {{ toJson .Values.ntp }}
targets: {{ toJson .Values.targets }}
matrix: {{ toJson .Values.matrix }}
thresholds: {{ toJson .Values.thresholds }}
{{- end -}}

{{/* Configuration of cert-exporter beside it. */}}
{{- define "chart.certificatesConfig" -}}
{{ include "chart.commonConfig" . }}
files: {{ toJson .Values.certificates }}
secrets: {enabled: false}
{{- end -}}

{{/* "true" when anything is asked of the API server. */}}
{{- define "chart.watches" -}}
{{- if or .Values.mesh.enabled (include "chart.watchesDns" .) -}}true{{- end -}}
{{- end -}}

{{- define "chart.watchesDns" -}}
{{- if and .Values.dns.enabled .Values.dns.pods (not .Values.dns.servers) -}}true{{- end -}}
{{- end -}}
