{{/* Settings of the database, for servers and for the migration. The password is PGPASSWORD, which stands in no connection string. */}}
{{- define "vnacloud.databaseEnv" -}}
{{- $db := .Values.database -}}
- name: Vna__Index__Provider
  value: Postgres
- name: Vna__Index__ConnectionString
  value: {{ printf "Host=%s;Port=%d;Database=%s;Username=%s;SSL Mode=%s%s" $db.host (int $db.port) $db.name $db.username $db.sslMode (ternary (printf ";%s" $db.options) "" (ne $db.options "")) | quote }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $db.existingSecret.name }}
      key: {{ $db.existingSecret.key }}
{{- end -}}

{{- define "vnacloud.storageEnv" -}}
{{- $s3 := .Values.storage.s3 -}}
- name: Vna__Storage__Provider
  value: S3
{{- with $s3.endpoint }}
- name: Vna__Storage__S3__Endpoint
  value: {{ . | quote }}
{{- end }}
- name: Vna__Storage__S3__Bucket
  value: {{ $s3.bucket | quote }}
- name: Vna__Storage__S3__Region
  value: {{ $s3.region | quote }}
- name: Vna__Storage__S3__PathStyle
  value: {{ $s3.pathStyle | quote }}
{{- with $s3.keyPrefix }}
- name: Vna__Storage__S3__KeyPrefix
  value: {{ . | quote }}
{{- end }}
- name: Vna__Storage__S3__ConditionalCreate
  value: {{ $s3.conditionalCreate | quote }}
- name: Vna__Storage__S3__Encryption
  value: {{ $s3.encryption | quote }}
{{- if $s3.existingSecret.name }}
- name: Vna__Storage__S3__AccessKey
  valueFrom:
    secretKeyRef:
      name: {{ $s3.existingSecret.name }}
      key: {{ $s3.existingSecret.accessKey }}
- name: Vna__Storage__S3__SecretKey
  valueFrom:
    secretKeyRef:
      name: {{ $s3.existingSecret.name }}
      key: {{ $s3.existingSecret.secretKey }}
{{- if has $s3.encryption (list "KeyService" "CustomerKey") }}
- name: Vna__Storage__S3__EncryptionKey
  valueFrom:
    secretKeyRef:
      name: {{ $s3.existingSecret.name }}
      key: {{ $s3.existingSecret.encryptionKey }}
{{- end }}
{{- end }}
- name: Vna__Storage__S3__SpoolPath
  value: /tmp
- name: Vna__Storage__Cache__Path
  value: /cache
- name: Vna__Storage__Cache__MaxBytes
  value: {{ .Values.server.cache.bytes | int64 | quote }}
{{- end -}}

{{- define "vnacloud.authEnv" -}}
{{- $auth := .Values.auth -}}
- name: Vna__Auth__Mode
  value: {{ $auth.mode | quote }}
{{- if eq $auth.mode "ApiKey" }}
{{- range $i, $key := $auth.keys }}
- name: Vna__Auth__Keys__{{ $i }}
  value: {{ $key | quote }}
{{- end }}
{{- end }}
{{- if eq $auth.mode "Oidc" }}
- name: Vna__Auth__Oidc__Authority
  value: {{ $auth.oidc.authority | quote }}
- name: Vna__Auth__Oidc__Audience
  value: {{ $auth.oidc.audience | quote }}
{{- with $auth.oidc.clientId }}
- name: Vna__Auth__Oidc__ClientId
  value: {{ . | quote }}
{{- end }}
- name: Vna__Auth__Oidc__Scopes
  value: {{ $auth.oidc.scopes | quote }}
- name: Vna__Auth__Oidc__RolesClaim
  value: {{ $auth.oidc.rolesClaim | quote }}
{{- range $i, $role := $auth.oidc.roles }}
- name: Vna__Auth__Oidc__Roles__{{ $i }}
  value: {{ $role | quote }}
{{- end }}
{{- if $auth.oidc.existingSecret.name }}
- name: Vna__Auth__Oidc__ClientSecret
  valueFrom:
    secretKeyRef:
      name: {{ $auth.oidc.existingSecret.name }}
      key: {{ $auth.oidc.existingSecret.key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A container of the server, which serves, keeps the archive, or both. Takes (list root component maintains values). */}}
{{- define "vnacloud.serverContainer" -}}
{{- $root := index . 0 -}}
{{- $values := index . 3 -}}
- name: {{ index . 1 }}
  image: {{ include "vnacloud.image" (list $root $root.Values.image) | quote }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  {{- include "vnacloud.containerSecurity" $root | nindent 2 }}
  ports:
    - name: http
      containerPort: 8080
  env:
    - name: ASPNETCORE_HTTP_PORTS
      value: "8080"
    - name: Vna__PublicBaseUrl
      value: {{ $root.Values.publicUrl | quote }}
    {{- $service := printf "%s-server" (include "vnacloud.fullname" $root) }}
    {{- range $i, $host := list $service (printf "%s.%s" $service $root.Release.Namespace) (printf "%s.%s.svc" $service $root.Release.Namespace) (printf "%s.%s.svc.cluster.local" $service $root.Release.Namespace) }}
    - name: Vna__Hosts__{{ $i }}
      value: {{ $host | quote }}
    {{- end }}
    - name: Vna__Index__AutoMigrate
      value: {{ not $root.Values.migration.enabled | quote }}
    - name: Vna__Maintenance__Enabled
      value: {{ index . 2 | quote }}
    - name: Vna__Limits__DrainSeconds
      value: {{ $root.Values.server.drainSeconds | quote }}
    - name: Vna__Codecs__Workers
      value: {{ $root.Values.server.codecs.workers | quote }}
    - name: Vna__Codecs__MemoryMiB
      value: {{ $root.Values.server.codecs.memoryMiB | quote }}
    # Half of the limit; the other is for codec workers and what lies outside of the managed heap.
    - name: DOTNET_GCHeapHardLimitPercent
      value: "0x32"
    {{- range $i, $proxy := $root.Values.knownProxies }}
    - name: Vna__ForwardedHeaders__KnownProxies__{{ $i }}
      value: {{ $proxy | quote }}
    {{- end }}
    {{- include "vnacloud.databaseEnv" $root | nindent 4 }}
    {{- include "vnacloud.storageEnv" $root | nindent 4 }}
    {{- include "vnacloud.authEnv" $root | nindent 4 }}
    {{- include "vnacloud.telemetryEnv" (list $root (index . 1)) | nindent 4 }}
    {{- include "vnacloud.authoritiesEnv" $root | nindent 4 }}
    {{- include "vnacloud.settingsEnv" $values.settings | nindent 4 }}
  # A database or a bucket that is away makes the server unready, never restarted: it waits for both by itself.
  startupProbe:
    httpGet:
      path: /health/live
      port: http
    periodSeconds: 2
    failureThreshold: 60
  livenessProbe:
    httpGet:
      path: /health/live
      port: http
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    httpGet:
      path: /health/ready
      port: http
    periodSeconds: 5
    timeoutSeconds: 3
    failureThreshold: 2
  lifecycle:
    preStop:
      exec:
        command: [sleep, {{ $root.Values.server.preStopSeconds | quote }}]
  resources:
    {{- toYaml $values.resources | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    - name: data
      mountPath: /data
    - name: cache
      mountPath: /cache
    {{- include "vnacloud.authoritiesMount" $root | nindent 4 }}
{{- end -}}

{{/* Its volumes. */}}
{{- define "vnacloud.serverVolumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.server.temporarySize }}
# With PostgreSQL and a bucket nothing is kept there.
- name: data
  emptyDir:
    sizeLimit: 64Mi
- name: cache
  emptyDir:
    sizeLimit: {{ .Values.server.cache.volumeSize }}
{{- include "vnacloud.authoritiesVolume" . | nindent 0 }}
{{- end -}}
