// Package edit is a line of text being typed: the keys people know from their
// shell, as the text input of bubbles has them (arrows, Home, End, ctrl+a e k u
// w, alt+b f d), and ctrl+z or ctrl+_ to take back what was done. How the line
// looks is for others to say.
package edit

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// Line is a text and where in it one types. The zero value is empty.
type Line struct {
	text   []rune
	at     int   // runes before the cursor
	before *Line // what ctrl+z takes it back to; nil = nothing was done yet
	typing bool  // the last key was a character: a word is taken back as one
}

// New is a line with text in it, the cursor at its end.
func New(text string) Line {
	runes := []rune(text)
	return Line{text: runes, at: len(runes)}
}

// String is the text.
func (l Line) String() string { return string(l.text) }

// At is how many runes stand before the cursor.
func (l Line) At() int { return l.at }

// AtEnd says whether the cursor stands behind the last of them.
func (l Line) AtEnd() bool { return l.at == len(l.text) }

// Marked is the text with a mark where the cursor is.
func (l Line) Marked(mark string) string {
	return string(l.text[:l.at]) + mark + string(l.text[l.at:])
}

// Key is the line after a key, named as Bubble Tea names it, but for the space
// bar, which is "space". A key that means nothing in a line changes nothing.
func (l Line) Key(name string) Line {
	if name == "ctrl+z" || name == "ctrl+_" {
		if l.before != nil {
			return *l.before
		}
		return l
	}
	msg, ok := message(name)
	if !ok {
		return l
	}
	m := textinput.New()
	m.KeyMap.Paste = key.NewBinding() // the terminal pastes; a program of the desktop's clipboard is not asked
	m.Focus()
	m.SetValue(string(l.text))
	m.SetCursor(l.at)
	m, _ = m.Update(msg)
	if msg.Alt && len(m.Value()) > len(string(l.text)) {
		return l // alt+x is no x
	}
	next := Line{text: []rune(m.Value()), at: m.Position(), before: l.before}
	if changed := m.Value() != string(l.text); changed {
		next.typing = len([]rune(name)) == 1
		if !next.typing || !l.typing {
			next.before = &l
		}
	}
	return next
}

// message is the key of a name.
func message(name string) (tea.KeyMsg, bool) {
	if name == "space" {
		name = " "
	}
	bare, alt := strings.CutPrefix(name, "alt+")
	if t, ok := named[bare]; ok {
		k := tea.Key{Type: t, Alt: alt}
		if t == tea.KeySpace {
			k.Runes = []rune{' '}
		}
		return tea.KeyMsg(k), true
	}
	if runes := []rune(bare); len(runes) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes, Alt: alt}, true
	}
	return tea.KeyMsg{}, false
}

// named are the keys that have names, which Bubble Tea keeps to itself.
var named = func() map[string]tea.KeyType {
	keys := map[string]tea.KeyType{}
	for t := tea.KeyType(-128); t < 128; t++ {
		if name := (tea.Key{Type: t}).String(); name != "" && t != tea.KeyRunes {
			keys[name] = t
		}
	}
	return keys
}()
