// The two programs of Argo CD that sync Applications, and no others. Argo CD's own program also has its command line,
// its API server and its notifications, whose libraries compile for minutes.
package main

import (
	"os"

	"github.com/spf13/cobra"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	repository "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/argoproj/argo-cd/v3/common"
)

func main() {
	command := &cobra.Command{Use: "argocd", Version: common.GetVersion().Version}
	command.AddCommand(controller.NewCommand(), repository.NewCommand())
	if command.Execute() != nil {
		os.Exit(1)
	}
}
