{{/* What all pods have in common. */}}
{{- define "vnacloud.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "vnacloud.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Takes (list root component). */}}
{{- define "vnacloud.telemetryEnv" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.telemetry.otlpEndpoint }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $root.Values.telemetry.otlpEndpoint | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ $root.Values.telemetry.otlpProtocol | quote }}
- name: OTEL_SERVICE_NAME
  value: {{ printf "vnacloud-%s" (index . 1) | quote }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ $attributes := list "k8s.namespace.name=$(POD_NAMESPACE)" "k8s.pod.name=$(POD_NAME)" (printf "service.version=%s" $root.Chart.AppVersion) -}}
    {{- range $name, $value := $root.Values.telemetry.resourceAttributes }}{{ $attributes = append $attributes (printf "%s=%s" $name $value) }}{{ end -}}
    {{ join "," $attributes | quote }}
{{- end }}
{{- end -}}

{{- define "vnacloud.authoritiesEnv" -}}
{{- if .Values.extraAuthorities.existingConfigMap }}
- name: SSL_CERT_DIR
  value: /etc/ssl/certs:/etc/vnacloud/authorities
{{- end }}
{{- end -}}

{{- define "vnacloud.authoritiesMount" -}}
{{- if .Values.extraAuthorities.existingConfigMap }}
- name: authorities
  mountPath: /etc/vnacloud/authorities
  readOnly: true
{{- end }}
{{- end -}}

{{- define "vnacloud.authoritiesVolume" -}}
{{- with .Values.extraAuthorities.existingConfigMap }}
- name: authorities
  configMap:
    name: {{ . }}
{{- end }}
{{- end -}}

{{/* Free settings: a map of names and values. */}}
{{- define "vnacloud.settingsEnv" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}
