{{- /*
Names are the component's own and never hold the release's name, which may begin with a digit.
  common.app       the application's name, for labels: nameOverride or the given one
  common.name      the name of a component's objects: `mlflow`, `mlflow-migration`
  common.outside   that of an object called `name` outside the release's namespace, which it begins with:
                   another release there has its own
Overrides are read from the values below the application's name (a chart with several
applications), else from the chart's root.
*/}}
{{- define "common.overrides" }}
  {{- $own := index .ctx.Values .app }}
  {{- $values := ternary $own .ctx.Values (kindIs "map" $own) }}
  {{- pick $values "nameOverride" "fullnameOverride" | toJson }}
{{- end }}

{{- define "common.app" }}
  {{- include "common.need" (list "common.app" . "ctx" "app") }}
  {{- (include "common.overrides" . | fromJson).nameOverride | default .app }}
{{- end }}

{{- define "common.name" }}
  {{- include "common.need" (list "common.name" . "ctx" "app") }}
  {{- $overrides := include "common.overrides" . | fromJson }}
  {{- $name := $overrides.fullnameOverride | default $overrides.nameOverride | default .app }}
  {{- list $name .component | compact | join "-" }}
{{- end }}

{{- define "common.outside" }}
  {{- include "common.need" (list "common.outside" . "ctx" "name") }}
  {{- printf "%s-%s" .ctx.Release.Namespace .name }}
{{- end }}
