{{- /*
The passphrase of MLflow's gateway. All templates take .Values.gateway.
*/}}

{{- /*
mlflow.gatewayEnv renders the variables with the passphrase that encrypts the gateway's API keys and with the version of
the passphrase, which MLflow stores with each API key (mlflow/utils/crypto.py of MLflow 3.17.2).
*/}}
{{- define "mlflow.gatewayEnv" }}
  {{- include "common.secretEnv" (dict
        "secret" .existingSecret
        "env" (dict "MLFLOW_CRYPTO_KEK_PASSPHRASE" "passphrase")) }}
- name: MLFLOW_CRYPTO_KEK_VERSION
  value: {{ .keyVersion | quote }}
{{- end }}

{{- /*
mlflow.checks.gateway renders a problem if no Secret has the passphrase of the gateway.
*/}}
{{- define "mlflow.checks.gateway" }}
  {{- if not .existingSecret.name }}
    {{- $steps := "docs/rotate-credentials.md lists the steps for a release that stored API keys without a Secret" }}
    {{- include "common.problem" (dict
          "path" "gateway.existingSecret.name"
          "wrong" "the name is empty, and MLflow would encrypt API keys with the passphrase in its source"
          "write" (printf "write the name of a Secret with a random passphrase of 40 characters; %s" $steps)) }}
  {{- end }}
{{- end }}
