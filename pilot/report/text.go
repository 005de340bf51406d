package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes a string from outside safe to show: what has no shape, or
// turns the direction of the text around it, becomes an escape that can be
// read, and lines become one. Letters of every script stay.
func visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\u200c' || r == '\u200d': // joiners: Persian and Indic words need them
			b.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co) || r == '\ufffe' || r == '\uffff':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// name is a visible string short enough for a page: the middle of a very long
// one gives way, for the ends of a path say most.
func name(s string) string {
	const head, tail = 70, 45
	runes := []rune(visible(s))
	if len(runes) <= head+tail+1 {
		return string(runes)
	}
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// lines is a visible text of several lines, as a plan is.
func lines(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	all := strings.Split(s, "\n")
	for i, l := range all {
		all[i] = visible(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(all, "\n")
}

// sentence is s with a capital at the start.
func sentence(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// shellQuote makes one word of a POSIX shell of s.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=@%+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
