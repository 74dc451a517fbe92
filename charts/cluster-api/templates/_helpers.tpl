{{/* Image reference: (list $ .Values.<manager>.image) */}}
{{- define "cluster-api.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $registry := dig "imageRegistry" $root.Values.image.registry ($root.Values.global | default dict) -}}
{{- if $image.digest -}}
{{ $registry }}/{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $registry }}/{{ $image.repository }}:{{ $image.tag }}
{{- end -}}
{{- end -}}
