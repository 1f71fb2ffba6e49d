// Helm's own command, run many times in one process: thousands of renders need not start thousands
// of programs.
//
// It reads a JSON list of arguments a line from standard input, such as ["template", "x", "charts/x"],
// and answers with a line each: {"out": what Helm prints, "error": what it would end with, or ""}.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	helm "helm.sh/helm/v4/pkg/cmd"
)

type answer struct {
	Out   string `json:"out"`
	Error string `json:"error"`
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var args []string
		if err == nil {
			err = json.Unmarshal(line, &args)
		}
		if err == nil {
			err = answers.Encode(run(args))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "helm-many:", err)
			os.Exit(1)
		}
	}
}

func run(args []string) answer {
	var out bytes.Buffer
	quiet := func(bool) { slog.SetDefault(slog.New(slog.DiscardHandler)) }
	command, err := helm.NewRootCmd(&out, args, quiet)
	if err == nil {
		command.SetArgs(args)
		command.SetOut(&out)
		command.SetErr(io.Discard)
		err = command.Execute()
	}
	if err != nil {
		return answer{Error: "Error: " + err.Error()}
	}
	return answer{Out: out.String()}
}
