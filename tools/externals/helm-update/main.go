// helm-update sends objects to an API server as `helm upgrade` of Helm 3 and of Helm 4 does, with Helm's own
// code: the objects of the old version are created, those of the new version are sent as a server-side dry run.
//
// The first argument is the kubeconfig. Each line of standard input is a JSON list of pairs, such as
// [{"old": {"kind": …}, "new": {"kind": …}}]; null stands for an object that a version lacks. Each gets one
// line of JSON on standard output: the list of the pairs' answers, one for each way of upgrading.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
	"sync"

	kube3 "helm.sh/helm/v3/pkg/kube"
	kube4 "helm.sh/helm/v4/pkg/kube"
	"k8s.io/klog/v2"
)

// The number of connections that update objects at the same time.
const workers = 4

type pair struct {
	Old json.RawMessage `json:"old"`
	New json.RawMessage `json:"new"`
}

// answers has the answers of the API server by way of upgrading; under "failed" what Helm can't send at all.
type answers map[string]answer

type answer struct {
	// The object before and after the upgrade, as the API server stores it.
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	// Why Helm fails; empty if the object is accepted.
	Error string `json:"error"`
	// The Status with which the API server refuses the object; null if it accepts the object.
	Status json.RawMessage `json:"status"`
}

func main() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	kube3.ManagedFieldsManager, kube4.ManagedFieldsManager = "helm", "helm"
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "helm-update:", err)
		os.Exit(1)
	}
}

func serve(config string) error {
	var pool [workers]*updater
	for i := range pool {
		each, err := newUpdater(config)
		if err != nil {
			return err
		}
		pool[i] = each
	}
	lines := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		var pairs []pair
		if err == nil {
			err = json.Unmarshal(line, &pairs)
		}
		if err == nil {
			err = output.Encode(updateAll(pool, pairs))
		}
		if err != nil {
			return err
		}
	}
}

// updateAll returns the answers in the order of the pairs. One worker gets all pairs with one name, so that two
// workers never create the same object.
func updateAll(pool [workers]*updater, pairs []pair) []answers {
	found := make([]answers, len(pairs))
	var group sync.WaitGroup
	for number, worker := range pool {
		group.Go(func() {
			for i, each := range pairs {
				if choose(each) == number {
					found[i] = worker.update(each)
				}
			}
		})
	}
	group.Wait()
	return found
}

func choose(each pair) int {
	var body struct{ Metadata struct{ Name string } }
	if err := json.Unmarshal(each.Old, &body); err != nil || body.Metadata.Name == "" {
		_ = json.Unmarshal(each.New, &body)
	}
	sum := fnv.New32a()
	sum.Write([]byte(body.Metadata.Name))
	return int(sum.Sum32() % workers)
}
