{{/* The image reference. */}}
{{- define "chart.image" -}}
{{- $registry := dig "imageRegistry" .Values.image.registry (.Values.global | default dict) -}}
{{ $registry }}/{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end -}}

{{/* Labels that select the pods of both workloads. */}}
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

{{/* The container of both workloads, without its resources and mounts. */}}
{{- define "chart.container" -}}
name: cert-exporter
image: {{ include "chart.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
terminationMessagePolicy: FallbackToLogsOnError
args: [--config=/etc/cert-exporter/config.yaml]
ports:
  - {name: metrics, containerPort: 9005}
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 5
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 15
  timeoutSeconds: 5
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* Configuration of the DaemonSet. */}}
{{- define "chart.filesConfig" -}}
logLevel: {{ .Values.logLevel }}
files:
  directories: {{ toJson .Values.files.directories }}
  exclude: {{ toJson .Values.files.exclude }}
  intervalSeconds: {{ .Values.files.intervalSeconds }}
secrets: {enabled: false}
{{- end -}}

{{/* Configuration of the Deployment. */}}
{{- define "chart.secretsConfig" -}}
logLevel: {{ .Values.logLevel }}
files: {enabled: false}
secrets:
  namespaces: {{ toJson .Values.secrets.namespaces }}
{{- end -}}
