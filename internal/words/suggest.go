package words

import (
	"fmt"
	"strings"
)

// NoSuch says that a name is unknown, and what was probably meant.
func NoSuch(what, name string, known []string) Sentence {
	if best := Nearest(name, known); best != "" {
		return Say("no %s %q; did you mean %q?", Say(what), name, best)
	}
	return Say("no %s %q; there is %s", Say(what), name, Either(known))
}

// DidYouMean returns ` did you mean "x"?` for the candidate nearest to word,
// or "" where none is near. Near means at most a third of the letters differ.
func DidYouMean(word string, candidates []string) string {
	if best := Nearest(word, candidates); best != "" {
		return fmt.Sprintf(" did you mean %q?", best)
	}
	return ""
}

// Nearest is the candidate nearest to word, "" where none is near.
func Nearest(word string, candidates []string) string {
	if len(word) > longestName {
		return "" // no slip of the finger, and comparing is quadratic
	}
	best, at := "", 1+(len([]rune(word))+2)/3
	for _, c := range candidates {
		if len(c) > longestName {
			continue
		}
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < at {
			best, at = c, d
		}
	}
	return best
}

// longestName is what a person may have meant to type, in bytes.
const longestName = 200

// editDistance counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1) // d[i][j]: distance between s[:i] and t[:j]
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range t {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}
