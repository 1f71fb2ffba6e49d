// Helm's own code, run many times in one process: thousands of renders need not start thousands of
// programs.
//
// It reads a JSON list of arguments a line from standard input, such as
// ["helm", "template", "x", "charts/x"] or ["helm3", "template", "x", "charts/x"], and answers with a
// line each: {"out": what that Helm prints, "error": what it would end with, or ""}.
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
	Out   string `json:"out"`
	Error string `json:"error"`
}

func main() {
	log.SetOutput(io.Discard) // Helm's remarks; what is wrong is in the answer
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
		if err == nil && len(args) == 0 {
			err = fmt.Errorf("a line without arguments")
		}
		if err == nil {
			err = answers.Encode(answered(args[0], args[1:]))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "helm-many:", err)
			os.Exit(1)
		}
	}
}

func answered(program string, args []string) answer {
	run := helm4
	if program == "helm3" {
		run = helm3
	}
	out, err := run(args)
	if err != nil {
		return answer{Error: "Error: " + err.Error()}
	}
	return answer{Out: out}
}

func helm4(args []string) (string, error) {
	var out bytes.Buffer
	quiet := func(bool) { slog.SetDefault(slog.New(slog.DiscardHandler)) }
	command, err := helm.NewRootCmd(&out, args, quiet)
	if err != nil {
		return "", err
	}
	command.SetArgs(args)
	command.SetOut(&out)
	command.SetErr(io.Discard)
	err = command.Execute()
	return out.String(), err
}
