package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	kube3 "helm.sh/helm/v3/pkg/kube"
	kube4 "helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/rest"
)

// The namespace of the release.
const namespace = "data-platform"

// How often and after which time an object is read again that is deleted, or not yet established.
const (
	patience = 100
	pause    = 100 * time.Millisecond
)

// updater updates objects, one after another.
type updater struct {
	helm3 *kube3.Client
	helm4 *kube4.Client
	wire  *wire
}

func newUpdater(config string) (*updater, error) {
	made := &updater{wire: &wire{}}
	where := namespace
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig, flags.Namespace = &config, &where
	cache := config + ".cache"
	flags.CacheDir = &cache
	flags.WrapConfigFn = func(given *rest.Config) *rest.Config {
		given.QPS = -1
		given.WarningHandler = rest.NoWarnings{}
		given.Wrap(func(inner http.RoundTripper) http.RoundTripper {
			made.wire.inner = inner
			return made.wire
		})
		return given
	}
	made.helm3, made.helm4 = kube3.New(flags), kube4.New(flags)
	made.helm3.Namespace, made.helm4.Namespace = namespace, namespace
	return made, made.helm4.IsReachable()
}

// update creates the old object as each Helm does, and sends the new one in each way of upgrading.
func (u *updater) update(each pair) answers {
	old, recent := text(each.Old), text(each.New)
	found := answers{}
	for _, creator := range []string{"helm3", "helm4"} {
		err := u.create(creator, old)
		for _, way := range ways[creator] {
			if err == nil {
				found[way.name], err = u.send(way, old, recent)
			}
		}
		for _, one := range []string{old, recent} {
			if err == nil {
				err = u.remove(one)
			}
		}
		if err != nil {
			return answers{"failed": {Error: creator + ": " + err.Error()}}
		}
	}
	return found
}

func text(body json.RawMessage) string {
	if string(body) == "null" {
		return ""
	}
	return string(body)
}

// way is a way of upgrading an object that one version of Helm created.
type way struct {
	name    string
	options []kube4.ClientUpdateOption // of Helm 4; none for Helm 3
	// Whether the upgrade is no dry run. Helm 4 converts an object of Helm 3 by two requests: a dry run of the second
	// does not know the first.
	real bool
}

var ways = map[string][]way{
	"helm3": {
		{name: "helm3"},
		{name: "client-side", options: []kube4.ClientUpdateOption{kube4.ClientUpdateOptionServerSideApply(false, false)}},
		{name: "convert", real: true, options: []kube4.ClientUpdateOption{
			kube4.ClientUpdateOptionServerSideApply(true, true),
			kube4.ClientUpdateOptionUpgradeClientSideFieldManager(true),
		}},
	},
	"helm4": {
		{name: "helm4", options: []kube4.ClientUpdateOption{kube4.ClientUpdateOptionServerSideApply(true, false)}},
		{name: "revert", options: []kube4.ClientUpdateOption{kube4.ClientUpdateOptionServerSideApply(false, false)}},
		{name: "force", options: []kube4.ClientUpdateOption{kube4.ClientUpdateOptionServerSideApply(true, true)}},
	},
}

func (u *updater) create(creator, old string) error {
	if old == "" {
		return nil
	}
	list, err := u.helm4.Build(strings.NewReader(old), false)
	if err != nil {
		return err
	}
	if creator == "helm3" {
		_, err = u.helm3.Create(kube3.ResourceList(list))
	} else {
		_, err = u.helm4.Create(list, kube4.ClientCreateOptionServerSideApply(true, false))
	}
	if err != nil {
		return err
	}
	switch list[0].Mapping.GroupVersionKind.Kind {
	case "PersistentVolumeClaim":
		return bind(list[0])
	case "CustomResourceDefinition":
		return establish(list[0])
	}
	return nil
}

// establish waits until a CRD is established: before, the API server accepts changes of all its fields.
func establish(info *resource.Info) error {
	for range patience {
		if err := info.Get(); err != nil {
			return err
		}
		if established(info) {
			return nil
		}
		time.Sleep(pause)
	}
	return fmt.Errorf("%s is not established", info.ObjectName())
}

func established(info *resource.Info) bool {
	definition, ok := info.Object.(*unstructured.Unstructured)
	if !ok {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
	for _, each := range conditions {
		condition, _ := each.(map[string]any)
		if condition["type"] == "Established" && condition["status"] == "True" {
			return true
		}
	}
	return false
}

// bind gives a claim the status of a claim with a volume: the API server lets only such claims grow.
func bind(info *resource.Info) error {
	claim, ok := info.Object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("%T is no claim", info.Object)
	}
	size, _, err := unstructured.NestedMap(claim.Object, "spec", "resources", "requests")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"status": map[string]any{"phase": "Bound", "capacity": size}})
	if err != nil {
		return err
	}
	helper := resource.NewHelper(info.Client, info.Mapping).WithSubresource("status")
	_, err = helper.Patch(info.Namespace, info.Name, types.MergePatchType, body, nil)
	return err
}

// send returns the API server's answer to the new object. Errors are those of reading the object.
func (u *updater) send(way way, old, recent string) (answer, error) {
	before, err := u.read(old)
	if err != nil {
		return answer{}, err
	}
	u.wire.dry, u.wire.refused = !way.real, nil
	after, failed := u.upgrade(way, old, recent)
	u.wire.dry = false
	found := answer{Before: before, After: after, Status: u.wire.refused}
	if failed != nil {
		found.Error = failed.Error()
	} else {
		found.Status = nil
	}
	return found, nil
}

func (u *updater) upgrade(way way, old, recent string) (json.RawMessage, error) {
	if way.options == nil {
		current, target, err := build(old, recent, u.helm3.Build)
		if err == nil {
			_, err = u.helm3.Update(current, target, false)
		}
		return marshal(target, err)
	}
	current, target, err := build(old, recent, u.helm4.Build)
	if err == nil {
		_, err = u.helm4.Update(current, target, way.options...)
	}
	return marshal(target, err)
}

func build[L any](old, recent string, read func(io.Reader, bool) (L, error)) (L, L, error) {
	var current L
	var err error
	if old != "" {
		current, err = read(strings.NewReader(old), false)
	}
	if err != nil {
		return current, current, err
	}
	// Helm validates the fields of objects here only with API servers that can't do it.
	target, err := read(strings.NewReader(recent), false)
	return current, target, err
}

func marshal[L ~[]*resource.Info](list L, err error) (json.RawMessage, error) {
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return json.Marshal(list[0].Object)
}

func (u *updater) read(body string) (json.RawMessage, error) {
	if body == "" {
		return nil, nil
	}
	list, err := u.helm4.Build(strings.NewReader(body), false)
	if err == nil {
		err = list[0].Get()
	}
	return marshal(list, err)
}

// remove deletes an object, if there is one.
func (u *updater) remove(body string) error {
	if body == "" {
		return nil
	}
	list, err := u.helm4.Build(strings.NewReader(body), false)
	if err != nil {
		return err
	}
	info := list[0]
	helper := resource.NewHelper(info.Client, info.Mapping)
	now := int64(0)
	background := metav1.DeletePropagationBackground
	options := &metav1.DeleteOptions{GracePeriodSeconds: &now, PropagationPolicy: &background}
	if err := info.Get(); apierrors.IsNotFound(err) {
		return nil
	}
	if _, err := helper.DeleteWithOptions(info.Namespace, info.Name, options); err != nil {
		return err
	}
	// A CRD vanishes after its custom resources.
	for range patience {
		if err := info.Get(); apierrors.IsNotFound(err) {
			return nil
		}
		time.Sleep(pause)
	}
	return fmt.Errorf("%s is still there", info.ObjectName())
}

// wire turns the requests that change objects into dry runs, and remembers the Status of the last refused one.
type wire struct {
	inner   http.RoundTripper
	dry     bool
	refused json.RawMessage
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	changes := request.Method != http.MethodGet
	if changes && w.dry {
		request = request.Clone(request.Context())
		query := request.URL.Query()
		query.Set("dryRun", "All")
		request.URL.RawQuery = query.Encode()
	}
	response, err := w.inner.RoundTrip(request)
	if err != nil || !changes || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if json.Valid(body) {
		w.refused = body
	}
	return response, err
}
