package tui

import (
	"strings"

	"framepilot/tui/edit"
	"framepilot/tui/page"
)

// list is a table to choose a row of: where the cursor is, and the words that
// rows are narrowed by.
type list struct {
	at      int // among the rows shown
	words   edit.Line
	asking  bool  // the words are being typed
	touched bool  // a key was for it
	visible []int // rows shown, by their index; as of the last table
}

// table is t with the rows that hold the words, and the cursor.
func (l *list) table(a *App, t page.Table) page.Table {
	all := t.Rows
	t.Rows, l.visible = nil, nil
	words := strings.ToLower(l.words.String())
	for i, row := range all {
		if words == "" || strings.Contains(strings.ToLower(strings.Join(row.Cells, " ")), words) {
			t.Rows = append(t.Rows, row)
			l.visible = append(l.visible, i)
		}
	}
	if l.asking || words != "" {
		mark := ""
		if l.asking {
			mark = "_"
		}
		t.Name = strings.TrimSpace(t.Name + "  /" + l.words.Marked(mark))
		t.Empty = a.text("list.none")
	}
	l.at = max(0, min(l.at, len(t.Rows)-1))
	t.Selected = l.at
	return t
}

// chosen is the index of the row under the cursor among all rows; ok is false
// where there is none.
func (l *list) chosen() (i int, ok bool) {
	if l.at >= len(l.visible) {
		return 0, false
	}
	return l.visible[l.at], true
}

// key takes the keys that move and narrow; used says whether it was one.
func (l *list) key(key string) (used bool) {
	defer func() { l.touched = l.touched || used }()
	if l.asking {
		switch key {
		case "enter":
			l.asking = false
		case "esc":
			l.asking, l.words = false, edit.Line{}
		case "up", "down":
			l.asking = false
			return l.key(key)
		default:
			l.words, l.at = l.words.Key(key), 0
		}
		return true
	}
	switch key {
	case "up", "k":
		l.at = max(0, l.at-1)
	case "down", "j":
		l.at = max(0, min(len(l.visible)-1, l.at+1))
	case "home":
		l.at = 0
	case "end", "G":
		l.at = max(0, len(l.visible)-1)
	case "/":
		l.asking = true
	case "esc":
		if l.words.String() == "" {
			return false
		}
		l.words = edit.Line{}
	default:
		return false
	}
	return true
}
