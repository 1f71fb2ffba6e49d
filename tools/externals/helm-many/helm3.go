package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
)

// runHelm3 renders a chart as `helm template` of Helm 3 does, and the chart's notes. Helm 3 does not
// export that command, but the functions that the command calls.
func runHelm3(args []string) (rendered, error) {
	client := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	var given values.Options
	var kubernetes string
	var apis []string
	flags := pflag.NewFlagSet("template", pflag.ContinueOnError)
	flags.StringVar(&client.Namespace, "namespace", "default", "")
	flags.StringVar(&kubernetes, "kube-version", "", "")
	flags.StringSliceVar(&apis, "api-versions", nil, "")
	flags.BoolVar(&client.IsUpgrade, "is-upgrade", false, "")
	flags.BoolVar(&client.SkipSchemaValidation, "skip-schema-validation", false, "")
	flags.StringSliceVar(&given.ValueFiles, "values", nil, "")
	flags.StringArrayVar(&given.JSONValues, "set-json", nil, "")
	if err := flags.Parse(args); err != nil {
		return rendered{}, err
	}
	client.APIVersions = apis
	if kubernetes != "" {
		version, err := chartutil.ParseKubeVersion(kubernetes)
		if err != nil {
			return rendered{}, fmt.Errorf("invalid kube version '%s': %s", kubernetes, err)
		}
		client.KubeVersion = version
	}
	return template(client, flags.Args()[1:], &given)
}

func template(client *action.Install, args []string, given *values.Options) (rendered, error) {
	name, folder, err := client.NameAndChart(args)
	if err != nil {
		return rendered{}, err
	}
	client.ReleaseName = name
	set, err := given.MergeValues(nil)
	if err != nil {
		return rendered{}, err
	}
	chart, err := loader.Load(folder)
	if err != nil {
		return rendered{}, err
	}
	if err := action.CheckDependencies(chart, chart.Metadata.Dependencies); err != nil {
		return rendered{}, fmt.Errorf("An error occurred while checking for chart dependencies. You may need "+
			"to run `helm dependency build` to fetch missing dependencies: %w", err)
	}
	release, err := client.Run(chart, set)
	if err != nil {
		if release != nil {
			err = fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
		}
		return rendered{}, err
	}
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(release.Manifest))
	for _, hook := range release.Hooks {
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	return rendered{out.String(), release.Info.Notes}, nil
}
