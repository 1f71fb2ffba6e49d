package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// document is one YAML document of a render.
type document struct {
	// The template that rendered it, as Helm names it: 254carbon/charts/mlflow/templates/…
	Source string `json:"source"`
	// As Helm prints it, without the line that names the template.
	Text string `json:"text"`
	// The document as the Kubernetes API reads it; null if it holds comments only.
	Body json.RawMessage `json:"body"`
	// Why it is not YAML; empty if it is.
	Problem string `json:"problem"`
}

type parsed struct {
	body    json.RawMessage
	problem string
}

// The most documents whose parsed form stays in memory. Most documents are rendered many times, with
// other values and by both Helms.
const remembered = 4096

var (
	separator  = regexp.MustCompile(`(?m)^---\n`)
	sourceLine = regexp.MustCompile(`\A(?:\s*\n)*# Source: (\S+)\n`)
	memory     = map[string]parsed{}
)

// split returns the YAML documents of what Helm prints. Documents without an object are left out.
func split(out string) []document {
	documents := []document{}
	for _, each := range separator.Split(out, -1) {
		source := ""
		if match := sourceLine.FindStringSubmatchIndex(each); match != nil {
			source = each[match[2]:match[3]]
			each = each[match[1]:]
		}
		text := strings.TrimRight(each, " \t\r\n") + "\n"
		found := parse(text)
		if found.problem == "" && string(found.body) == "null" {
			continue
		}
		documents = append(documents, document{source, text, found.body, found.problem})
	}
	return documents
}

func parse(text string) parsed {
	if found, ok := memory[text]; ok {
		return found
	}
	if len(memory) >= remembered {
		memory = map[string]parsed{}
	}
	body, err := yaml.YAMLToJSON([]byte(text))
	found := parsed{body: body}
	if err != nil {
		found = parsed{json.RawMessage("null"), err.Error()}
	}
	memory[text] = found
	return found
}
