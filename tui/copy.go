package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// tsv is what a page shows as tab-separated values: its table to choose from,
// else its first table or bars. ok is false where it has none.
func tsv(p page.Page) (text string, ok bool) {
	var found *page.Table
	for _, b := range p.All() {
		switch b := b.(type) {
		case page.Table:
			if found == nil || found.Selected < 0 && b.Selected >= 0 {
				found = &b
			}
		case page.Bars:
			if found == nil {
				found = barTable(b)
			}
		}
	}
	if found == nil || len(found.Rows) == 0 {
		return "", false
	}
	var lines strings.Builder
	write := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				lines.WriteByte('\t')
			}
			lines.WriteString(strings.Join(strings.Fields(cell), " "))
		}
		lines.WriteByte('\n')
	}
	var heads []string
	for _, c := range found.Columns {
		heads = append(heads, c.Head)
	}
	write(heads)
	for _, row := range found.Rows {
		write(row.Cells)
	}
	return lines.String(), true
}

// barTable is bars as numbers.
func barTable(b page.Bars) *page.Table {
	t := &page.Table{Columns: []page.Column{{}, {Head: "value"}, {Head: "low"}, {Head: "high"}}, Selected: b.Selected}
	for _, r := range b.Rows {
		t.Rows = append(t.Rows, page.Row{Cells: []string{r.Label, fmt.Sprint(r.Value), fmt.Sprint(r.Low), fmt.Sprint(r.High)}})
	}
	return t
}

// copied puts the table of the screen where the terminal's clipboard will find
// it.
func (a *App) copyTable() []Task {
	text, ok := tsv(a.current().page(a))
	if !ok {
		a.status = a.text("copy.nothing")
		return nil
	}
	a.clip = text
	a.status = a.text("copy.done", lang.Args{"Count": strings.Count(text, "\n") - 1})
	return nil
}

// Clip returns what is to be put into the clipboard, once.
func (a *App) Clip() string {
	text := a.clip
	a.clip = ""
	return text
}

// wrote is a file that was written, or why not.
type wrote struct {
	path string
	err  error
}

// saveTable writes the table of the screen to a file beside the plan.
func (a *App) saveTable() []Task {
	text, ok := tsv(a.current().page(a))
	switch {
	case a.o.ReadOnly:
		a.status = a.text("app.readonly")
		return nil
	case !ok:
		a.status = a.text("copy.nothing")
		return nil
	}
	path := filepath.Join(a.dir, a.tabs[a.at].name+".tsv")
	return []Task{func(context.Context) any {
		return wrote{path, renameio.WriteFile(path, []byte(text), 0o644)}
	}}
}
