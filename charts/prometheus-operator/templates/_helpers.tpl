{{/* The image reference. */}}
{{- define "prometheus-operator.image" -}}
{{- $registry := dig "imageRegistry" .Values.image.registry (.Values.global | default dict) -}}
{{ $registry }}/{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end -}}

{{/* Labels that select pods. */}}
{{- define "prometheus-operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "prometheus-operator.labels" -}}
{{ include "prometheus-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Where pods may run. */}}
{{- define "prometheus-operator.placement" -}}
nodeSelector: {{ toJson .Values.nodeSelector }}
tolerations: {{ toJson .Values.tolerations }}
imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
priorityClassName: {{ .Values.priorityClassName | quote }}
{{- end -}}

{{/* The image that waits for the CRDs. */}}
{{- define "prometheus-operator.waitImage" -}}
{{- $image := .Values.waitFor.image -}}
{{ dig "imageRegistry" $image.registry (.Values.global | default dict) }}/{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag }}{{ end }}
{{- end -}}
