package words

import (
	"fmt"
	"strings"
)

// Count renders a number with its noun: 1 clip, 2 clips.
func Count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// FirstFew joins the first n names and says how many more there are.
func FirstFew(names []string, n int, separator string) string {
	if len(names) <= n {
		return strings.Join(names, separator)
	}
	return strings.Join(names[:n], separator) + separator + fmt.Sprintf("and %d more", len(names)-n)
}

// Either is names in quotes, of which one is meant: "a", "b" or "c".
func Either(names []string) Sentence {
	if len(names) < 2 {
		return Plain(Quoted(names))
	}
	last := len(names) - 1
	return Say("%s or %q", Plain(strings.ReplaceAll(Quoted(names[:last]), " or ", ", ")), names[last])
}

// Quoted renders names as `"a", "b" or "c"`.
func Quoted(names []string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", n)
	}
	return b.String()
}

// At renders a place the way compilers do, so that editors can jump to it.
func At(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
