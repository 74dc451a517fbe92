{{/* The image reference. */}}
{{- define "net-exporter.image" -}}
{{- $registry := dig "imageRegistry" .Values.image.registry (.Values.global | default dict) -}}
{{ $registry }}/{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end -}}

{{/* Labels that select the pods, with and without certificates. */}}
{{- define "net-exporter.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "net-exporter.labels" -}}
{{ include "net-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Where pods may run. */}}
{{- define "net-exporter.placement" -}}
nodeSelector: {{ toJson .Values.nodeSelector }}
tolerations: {{ toJson .Values.tolerations }}
imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
priorityClassName: {{ .Values.priorityClassName | quote }}
{{- end -}}

{{- define "net-exporter.scheme" -}}{{ .Values.tls.secretName | empty | ternary "HTTP" "HTTPS" }}{{- end -}}

{{/* What both configurations have. */}}
{{- define "net-exporter.commonConfig" -}}
logLevel: {{ .Values.logLevel }}
{{- if .Values.tls.secretName }}
tls: {certFile: /etc/net-exporter-tls/tls.crt, keyFile: /etc/net-exporter-tls/tls.key}
{{- end }}
{{- end -}}

{{/* Configuration of net-exporter. */}}
{{- define "net-exporter.config" -}}
{{ include "net-exporter.commonConfig" . }}
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
{{- define "net-exporter.certificatesConfig" -}}
{{ include "net-exporter.commonConfig" . }}
files: {{ toJson .Values.certificates }}
secrets: {enabled: false}
{{- end -}}

{{/* "true" when anything is asked of the API server. */}}
{{- define "net-exporter.watches" -}}
{{- if or .Values.mesh.enabled (include "net-exporter.watchesDns" .) -}}true{{- end -}}
{{- end -}}

{{- define "net-exporter.watchesDns" -}}
{{- if and .Values.dns.enabled .Values.dns.pods (not .Values.dns.servers) -}}true{{- end -}}
{{- end -}}
