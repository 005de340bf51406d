package adapt

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// cleanLabel is a label as every later step sees it: trimmed, in Unicode's
// composed form, so that names typed on different systems are equal.
func cleanLabel(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
