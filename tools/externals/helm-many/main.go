// helm-many runs Helm's own code many times in one process, so that thousands of renders do not start
// thousands of programs.
//
// Each line of standard input is a JSON list of arguments, such as
// ["helm", "template", "x", "charts/x"] or ["helm3", "template", "x", "charts/x"]. Each gets one line
// of JSON on standard output, an `answer`.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	helm "helm.sh/helm/v4/pkg/cmd"
)

type answer struct {
	// What Helm prints.
	Out string `json:"out"`
	// The YAML documents in it, in order.
	Documents []document `json:"documents"`
	// What the chart's NOTES.txt renders; only of Helm 3, since the command of Helm 4 leaves it out.
	Notes string `json:"notes"`
	// The message with which Helm would exit; empty if it succeeds.
	Error string `json:"error"`
}

func main() {
	log.SetOutput(io.Discard) // Helm's warnings; errors are part of the answer
	lines := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(output)
	answers.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var args []string
		if err == nil {
			err = json.Unmarshal(line, &args)
		}
		if err == nil && len(args) == 0 {
			err = fmt.Errorf("a line without arguments")
		}
		if err == nil {
			err = answers.Encode(run(args[0], args[1:]))
		}
		if err == nil {
			err = output.Flush()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "helm-many:", err)
			os.Exit(1)
		}
	}
}

// rendered is what Helm prints, and the chart's notes.
type rendered struct{ out, notes string }

func run(program string, args []string) answer {
	template := runHelm4
	if program == "helm3" {
		template = runHelm3
	}
	found, err := template(args)
	if err != nil {
		return answer{Error: "Error: " + err.Error()}
	}
	return answer{Out: found.out, Documents: split(found.out), Notes: found.notes}
}

func runHelm4(args []string) (rendered, error) {
	var out bytes.Buffer
	quiet := func(bool) { slog.SetDefault(slog.New(slog.DiscardHandler)) }
	command, err := helm.NewRootCmd(&out, args, quiet)
	if err != nil {
		return rendered{}, err
	}
	command.SetArgs(args)
	command.SetOut(&out)
	command.SetErr(io.Discard)
	err = command.Execute()
	return rendered{out: out.String()}, err
}
