{{/* Rendered by npm run render from provisioner/api/names.ts; edits are overwritten. */}}
{{- define "keelson.names.systemNamespace" -}}keelson-system{{- end -}}
{{- define "keelson.names.operator" -}}keelson-operator{{- end -}}
{{- define "keelson.names.appServiceAccount" -}}keelson-apps{{- end -}}
{{- define "keelson.names.topologyExtension" -}}keelson-topology-extension{{- end -}}
{{- define "keelson.names.topologyExtensionSecret" -}}keelson-topology-extension-tls{{- end -}}
{{- define "keelson.names.servingCertAnnotation" -}}keelson.dev/serving-cert-secret{{- end -}}
{{- define "keelson.names.metricsPort" -}}8080{{- end -}}
{{- define "keelson.names.healthPort" -}}8081{{- end -}}
{{- define "keelson.names.topologyExtensionPort" -}}9443{{- end -}}
{{- define "keelson.names.provisionVerb" -}}provision{{- end -}}
