{{- /*
common.milli renders a `quantity` of Kubernetes, such as 500m, 1.5 or 2Gi, in thousandths: of a core, a
device or a byte. Fails without `quantity`.
*/}}
{{- define "common.milli" }}
  {{- include "common.need" (list "common.milli" . "quantity") }}
  {{- $units := dict
        "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15
        "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 }}
  {{- $text := toString .quantity }}
  {{- if hasSuffix "m" $text }}
    {{- trimSuffix "m" $text | float64 | ceil | int64 }}
  {{- else }}
    {{- $unit := regexFind "[kKMGTPi]+$" $text }}
    {{- mulf 1000 (trimSuffix $unit $text) (get $units $unit) | minf 9e18 | int64 }}
  {{- end }}
{{- end }}

{{- /*
common.bytes renders a `quantity` of Kubernetes, such as 1.5Gi, as a whole number of bytes. Fails
without `quantity`.
*/}}
{{- define "common.bytes" }}
  {{- include "common.need" (list "common.bytes" . "quantity") }}
  {{- div (include "common.milli" . | int64) 1000 }}
{{- end }}
