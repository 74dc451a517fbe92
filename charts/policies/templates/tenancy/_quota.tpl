{{/*
The hard limits of a class with those of the values over them, as JSON: "unlimited" takes one out. Node ports follow load
balancers, four each, as in policies/tenancy/namespace-class.ts.
*/}}
{{- define "keelson.policies.hard" -}}
{{- $hard := deepCopy .hard -}}
{{- range $resource, $amount := .wanted -}}
{{- if eq (toString $amount) "unlimited" -}}
{{- $hard = omit $hard $resource -}}
{{- else -}}
{{- $_ := set $hard $resource (kindIs "string" $amount | ternary $amount (printf "%d" (int64 $amount))) -}}
{{- end -}}
{{- end -}}
{{- if and (hasKey $hard "services.loadbalancers") (not (hasKey .wanted "services.nodeports")) -}}
{{- $_ := set $hard "services.nodeports" (mul 4 (int64 (index $hard "services.loadbalancers")) | toString) -}}
{{- end -}}
{{- toJson $hard -}}
{{- end -}}
