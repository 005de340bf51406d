package tui

import (
	"slices"
	"strings"
	"time"
)

// How a choice is moved: by one with the arrows and the space bar, or to the
// option that begins with the letters typed, as in the lists of a desktop.

// finder is the letters of an option typed so far.
type finder struct {
	word string
	at   time.Time // of the last
}

// together is how long after a letter the next still belongs to it.
const together = time.Second

// key is the choice after a key. A key that leads nowhere changes nothing.
func (f *finder) key(choices []string, value, key string, now time.Time) string {
	if now.Sub(f.at) > together {
		f.word = ""
	}
	at, n := slices.Index(choices, value), len(choices)
	if key == "space" && f.word != "" {
		key = " "
	}
	switch key {
	case "left":
		at = (max(at, 0) + n - 1) % n
	case "right", "space":
		at = (at + 1) % n
	case "home":
		at = 0
	case "end":
		at = n - 1
	default:
		if len([]rune(key)) != 1 {
			f.word = ""
			return value
		}
		f.word, f.at = f.word+key, now
		if i := f.find(choices, at); i >= 0 {
			return choices[i]
		}
		return value
	}
	f.word = ""
	return choices[at]
}

// find is the option that begins with the letters: from the one that stands
// there on or, by one letter or the same again and again, after it.
func (f *finder) find(choices []string, at int) int {
	word, from := f.word, max(at, 0)
	has := func(word string) bool {
		return slices.ContainsFunc(choices, func(c string) bool { return begins(c, word) })
	}
	if letter := string([]rune(word)[:1]); word == letter || strings.Trim(word, letter) == "" && !has(word) {
		word, from = letter, at+1
	}
	for i := range choices {
		if k := (from + i) % len(choices); begins(choices[k], word) {
			return k
		}
	}
	return -1
}

// begins says whether an option begins with letters, large or small.
func begins(option, letters string) bool {
	return strings.HasPrefix(strings.ToLower(option), strings.ToLower(letters))
}

// meant is the option that a whole answer names: it, or the only one that
// begins so; -1 where there is none.
func meant(choices []string, text string) int {
	found := -1
	for i, c := range choices {
		switch {
		case strings.EqualFold(c, text):
			return i
		case !begins(c, text):
		case found >= 0:
			found = len(choices)
		default:
			found = i
		}
	}
	if found == len(choices) {
		return -1
	}
	return found
}

// following is the known answer after a text: the next one or, of a text that
// is none, the first that begins with it; after the last comes none.
func following(known []string, text string) string {
	if i := slices.Index(known, text); i >= 0 {
		if i+1 < len(known) {
			return known[i+1]
		}
		return ""
	}
	for _, k := range known {
		if begins(k, text) {
			return k
		}
	}
	return text
}
