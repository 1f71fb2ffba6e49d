package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// listAdded returns the fields that an object, as the API server stores it, has beside those of its text,
// inside lists that a patch replaces as a whole. The elements of other lists, such as containers, have a
// key (patchMergeKey) by which a patch merges each field.
func listAdded(
	codecs serializer.CodecFactory, object runtime.Object, kind schema.GroupVersionKind, text []byte,
) ([]problem, error) {
	encoder := codecs.EncoderForVersion(
		codecs.SupportedMediaTypes()[0].Serializer, kind.GroupVersion(),
	)
	whole, err := runtime.Encode(encoder, object)
	if err != nil {
		return nil, err
	}
	var given, stored any
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(whole, &stored); err != nil {
		return nil, err
	}
	versioned, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		return nil, err
	}
	added := []problem{}
	compare(given, stored, reflect.TypeOf(versioned), false, "", &added)
	return added, nil
}

func compare(given, stored any, of reflect.Type, inList bool, path string, added *[]problem) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch stored := stored.(type) {
	case map[string]any:
		given, ok := given.(map[string]any)
		if !ok {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(stored)) {
			field, replaced := findField(of, key)
			at := strings.TrimPrefix(path+"."+key, ".")
			if own, ok := given[key]; ok && own != nil {
				if field != nil {
					compare(own, stored[key], field, inList || replaced, at, added)
				}
			} else if inList && !isEmpty(stored[key]) {
				value, _ := json.Marshal(stored[key])
				*added = append(*added, problem{at, string(value)})
			}
		}
	case []any:
		given, ok := given.([]any)
		if !ok || len(given) != len(stored) || of.Kind() != reflect.Slice {
			return
		}
		for i := range stored {
			compare(given[i], stored[i], of.Elem(), inList, fmt.Sprintf("%s[%d]", path, i), added)
		}
	}
}

// findField returns the type of a field in JSON, and whether it is a list that a patch replaces.
func findField(of reflect.Type, key string) (reflect.Type, bool) {
	if of.Kind() == reflect.Map {
		return of.Elem(), false
	}
	if of.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == key {
			list := field.Type.Kind() == reflect.Slice
			return field.Type, list && field.Tag.Get("patchMergeKey") == ""
		}
		if name == "" && field.Anonymous {
			inner := field.Type
			for inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if found, replaced := findField(inner, key); found != nil {
				return found, replaced
			}
		}
	}
	return nil, false
}

func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(value) == 0
	}
	return false
}
