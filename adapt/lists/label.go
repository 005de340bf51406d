package lists

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// CleanLabel is a label as every later step sees it: trimmed, in Unicode's
// composed form, so that names typed on different systems are equal.
func CleanLabel(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }
