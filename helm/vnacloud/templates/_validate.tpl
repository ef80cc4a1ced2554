{{/* What values.schema.json cannot say in words that help. Everything that is wrong is said at once. */}}
{{- define "vnacloud.validate" -}}
{{- $v := .Values -}}
{{- $wrong := list -}}
{{- if not $v.image.repository }}{{ $wrong = append $wrong "image.repository: name the server's image in your registry (built from the Dockerfile, target server)." }}{{ end -}}
{{- if not $v.publicUrl }}{{ $wrong = append $wrong "publicUrl: set what clients type, such as https://pacs.example." }}{{ end -}}
{{- if not $v.database.host }}{{ $wrong = append $wrong "database.host: name the PostgreSQL server." }}{{ end -}}
{{- if not $v.database.existingSecret.name }}{{ $wrong = append $wrong (printf "database.existingSecret.name: name a Secret whose key %q holds the password of database.username." $v.database.existingSecret.key) }}{{ end -}}
{{- if not $v.storage.s3.bucket }}{{ $wrong = append $wrong "storage.s3.bucket: name the bucket, which exists already." }}{{ end -}}
{{- if and (has $v.storage.s3.encryption (list "KeyService" "CustomerKey")) (not $v.storage.s3.existingSecret.name) }}{{ $wrong = append $wrong (printf "storage.s3.existingSecret.name: encryption %s needs a Secret with the key %q." $v.storage.s3.encryption $v.storage.s3.existingSecret.encryptionKey) }}{{ end -}}
{{- if not $v.auth.mode }}{{ $wrong = append $wrong "auth.mode: say who may come in: Oidc, ApiKey, or None for everybody who reaches the archive." }}{{ end -}}
{{- if and (eq $v.auth.mode "ApiKey") (not $v.auth.keys) }}{{ $wrong = append $wrong "auth.keys: auth.mode ApiKey needs at least one; 'vna key NAME RIGHTS' makes it." }}{{ end -}}
{{- if and (eq $v.auth.mode "Oidc") (or (not $v.auth.oidc.authority) (not $v.auth.oidc.audience)) }}{{ $wrong = append $wrong "auth.oidc: auth.mode Oidc needs authority (the provider's issuer URL) and audience." }}{{ end -}}
{{- if and $v.ingress.enabled $v.httpRoute.enabled }}{{ $wrong = append $wrong "ingress and httpRoute: enable one of them." }}{{ end -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}{{ $wrong = append $wrong "httpRoute.parentRefs: name the Gateway, such as {name: public, namespace: gateways}." }}{{ end -}}
{{- if gt (int $v.server.autoscaling.minReplicas) (int $v.server.autoscaling.maxReplicas) }}{{ $wrong = append $wrong "server.autoscaling: minReplicas must not be greater than maxReplicas." }}{{ end -}}
{{- if $v.gateway.enabled }}
{{- if not $v.gateway.image.repository }}{{ $wrong = append $wrong "gateway.image.repository: name the gateway's image in your registry (target gateway)." }}{{ end -}}
{{- if not $v.gateway.devices }}{{ $wrong = append $wrong "gateway.devices: name the devices that may call; without any the gateway refuses all." }}{{ end -}}
{{- if and (ne $v.auth.mode "None") (not $v.gateway.existingSecret.name) }}{{ $wrong = append $wrong (printf "gateway.existingSecret.name: name a Secret whose key %q holds the bearer token that the archive wants." $v.gateway.existingSecret.key) }}{{ end -}}
{{- end -}}
{{- if $wrong }}{{ fail (printf "\n  %s" (join "\n  " $wrong)) }}{{ end -}}
{{- end -}}
