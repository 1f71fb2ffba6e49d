{{- /*
Names of objects. A name never contains the name of the release, which may begin with a digit.
*/}}

{{- /*
common.overrides renders nameOverride and fullnameOverride of an application, as JSON. The keys are in the
section of the values that is named after the application, if there is one, or else at the top of the values.
Takes `ctx` and `app`; its callers check that both are present.
*/}}
{{- define "common.overrides" }}
  {{- $own := index .ctx.Values .app }}
  {{- $values := ternary $own .ctx.Values (kindIs "map" $own) }}
  {{- pick $values "nameOverride" "fullnameOverride" | toJson }}
{{- end }}

{{- /*
common.app renders the name of the application, for labels: nameOverride or `app`. Takes `ctx` and
`app`, and fails if one is missing.
*/}}
{{- define "common.app" }}
  {{- include "common.need" (list "common.app" . "ctx" "app") }}
  {{- (include "common.overrides" . | fromJson).nameOverride | default .app }}
{{- end }}

{{- /*
common.name renders the name of a component's objects, such as `mlflow` or `mlflow-migration`. Takes
`ctx`, `app` and `component`, and fails without `ctx` or `app`.
*/}}
{{- define "common.name" }}
  {{- include "common.need" (list "common.name" . "ctx" "app") }}
  {{- $overrides := include "common.overrides" . | fromJson }}
  {{- $name := $overrides.fullnameOverride | default $overrides.nameOverride | default .app }}
  {{- list $name .component | compact | join "-" }}
{{- end }}

{{- /*
common.prefixedName renders NAMESPACE-NAME, with the release's namespace. A cluster-scoped object, or an
object in another namespace, gets this name, so that objects of two releases have different names. Takes
`ctx` and `name`, and fails if one is missing.
*/}}
{{- define "common.prefixedName" }}
  {{- include "common.need" (list "common.prefixedName" . "ctx" "name") }}
  {{- printf "%s-%s" .ctx.Release.Namespace .name }}
{{- end }}
