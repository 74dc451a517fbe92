{{/* The image reference. */}}
{{- define "cert-exporter.image" -}}
{{- $registry := dig "imageRegistry" .Values.image.registry (.Values.global | default dict) -}}
{{ $registry }}/{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end -}}

{{/* Labels that select the pods of both workloads. */}}
{{- define "cert-exporter.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "cert-exporter.labels" -}}
{{ include "cert-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Where pods may run, but for the taints they bear. */}}
{{- define "cert-exporter.placement" -}}
nodeSelector: {{ toJson .Values.nodeSelector }}
imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
priorityClassName: {{ .Values.priorityClassName | quote }}
{{- end -}}

{{- define "cert-exporter.scheme" -}}{{ .Values.tls.secretName | empty | ternary "HTTP" "HTTPS" }}{{- end -}}

{{/* The container of both workloads, without its resources and mounts. */}}
{{- define "cert-exporter.container" -}}
name: cert-exporter
image: {{ include "cert-exporter.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
terminationMessagePolicy: FallbackToLogsOnError
args: [--config=/etc/cert-exporter/config.yaml]
ports:
  - {name: metrics, containerPort: 9005}
readinessProbe:
  httpGet: {path: /readyz, port: metrics, scheme: {{ include "cert-exporter.scheme" . }}}
  periodSeconds: 5
livenessProbe:
  httpGet: {path: /healthz, port: metrics, scheme: {{ include "cert-exporter.scheme" . }}}
  periodSeconds: 15
  timeoutSeconds: 5
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* "true" when any source but files is on. */}}
{{- define "cert-exporter.watchesCluster" -}}
{{- if or .Values.secrets.enabled .Values.configMaps.enabled .Values.caBundles.enabled .Values.certificates.enabled .Values.vaultTokens.url .Values.endpoints.targets -}}true{{- end -}}
{{- end -}}

{{/* What both configurations have. */}}
{{- define "cert-exporter.commonConfig" -}}
logLevel: {{ .Values.logLevel }}
families: {{ toJson .Values.families }}
{{- if .Values.tls.secretName }}
tls: {certFile: /etc/cert-exporter-tls/tls.crt, keyFile: /etc/cert-exporter-tls/tls.key}
{{- end }}
{{- end -}}

{{/* Configuration of the DaemonSet. */}}
{{- define "cert-exporter.filesConfig" -}}
{{ include "cert-exporter.commonConfig" . }}
files: {{ omit .Values.files "resources" | toJson }}
secrets: {enabled: false}
endpoints: {{ toJson .Values.nodeEndpoints }}
{{- end -}}

{{/* Configuration of the Deployment. */}}
{{- define "cert-exporter.clusterConfig" -}}
{{ include "cert-exporter.commonConfig" . }}
files: {enabled: false}
secrets: {{ toJson .Values.secrets }}
configMaps: {{ toJson .Values.configMaps }}
caBundles: {{ toJson .Values.caBundles }}
certificates: {{ toJson .Values.certificates }}
vaultTokens: {{ toJson .Values.vaultTokens }}
endpoints: {{ toJson .Values.endpoints }}
{{- end -}}
