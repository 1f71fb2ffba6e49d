{{- /*
common.bytes renders a `quantity` of Kubernetes, such as 1.5Gi, as a whole number of bytes. Fails
without `quantity`.
*/}}
{{- define "common.bytes" }}
  {{- include "common.need" (list "common.bytes" . "quantity") }}
  {{- $units := dict
        "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15
        "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 }}
  {{- $unit := regexFind "[kMGTPi]+$" (toString .quantity) }}
  {{- mulf (trimSuffix $unit (toString .quantity)) (get $units $unit) | int64 }}
{{- end }}

{{- /*
common.milli renders a `quantity` of Kubernetes, such as 500m or 1.5, in thousandths of a core or a
device. Fails without `quantity`.
*/}}
{{- define "common.milli" }}
  {{- include "common.need" (list "common.milli" . "quantity") }}
  {{- $text := toString .quantity }}
  {{- if hasSuffix "m" $text }}
    {{- trimSuffix "m" $text | float64 | ceil | int64 }}
  {{- else }}
    {{- mulf 1000 $text | int64 }}
  {{- end }}
{{- end }}
