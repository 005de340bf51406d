package paint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"framepilot/tui/page"
)

// pointed is what stands at a text of a frame, from its first cell to its last.
func pointed(t *testing.T, p page.Page, foot page.Footer, size Size, text string) (s Spot, ok bool) {
	t.Helper()
	style := NewStyle(termenv.Ascii, true)
	frame, scroll := Frame(p, foot, size, Scroll{}, style)
	for y, line := range strings.Split(frame, "\n") {
		before, _, found := strings.Cut(line, text)
		if !found {
			continue
		}
		x := Cells(before)
		s, ok = At(p, foot, size, scroll, style, y, x)
		if end, _ := At(p, foot, size, scroll, style, y, x+Cells(text)-1); end != s {
			t.Errorf("%q begins as %+v and ends as %+v", text, s, end)
		}
		return s, ok
	}
	t.Fatalf("%q is not on\n%s", text, frame)
	return s, ok
}

// Keys, screens and rows are where they are painted, in one column and in two,
// however wide their characters are.
func TestPointing(t *testing.T) {
	rows := page.Table{Name: "Rows", Selected: 2, Columns: []page.Column{{}}}
	for i := range 5 {
		rows.Rows = append(rows.Rows, page.Row{Cells: []string{fmt.Sprint("row ", i)}})
	}
	form := page.Form{At: 1, Inputs: []page.Input{{Label: "first"}, {Label: "second"}, {Label: "third"}}}
	p := page.Page{Blocks: []page.Block{page.Text{Text: "映像"}, rows}, Right: []page.Block{form},
		Actions: []page.Action{{Key: "enter", Label: "映像を見る"}, {Key: "v", Label: "other view", Why: "not now"}}}
	foot := page.Footer{Screens: []page.Screen{{Key: "0", Name: "開始"}, {Key: "1", Name: "Board", Here: true}, {Key: "f2", Name: "Data"}}, Keys: "? help"}
	for _, size := range []Size{{60, 30}, {200, 50}} {
		for text, want := range map[string]Spot{
			"[enter] 映像を見る": {Key: "enter"}, "[v] other view (not now)": {Key: "v"}, "0 開始": {Key: "0"}, "<1 Board>": {Key: "1"}, "f2 Data": {Key: "f2"},
			"row 0": {Rows: -2}, "row 2": {}, "row 4": {Rows: 2}, "first  ": {Rows: -1}, "third  ": {Rows: 1},
		} {
			got, ok := pointed(t, p, foot, size, text)
			if !ok || got.Key != want.Key || got.Rows != want.Rows {
				t.Errorf("at %v %q is %+v", size, text, got)
			}
		}
		for _, text := range []string{"Rows", "? help", "framepilot", "映像 "} {
			if got, ok := pointed(t, p, foot, size, text); ok {
				t.Errorf("at %v %q is %+v", size, text, got)
			}
		}
	}
	p.Blocks[1] = page.Table{Selected: -1, Columns: rows.Columns, Rows: rows.Rows}
	if got, ok := pointed(t, p, foot, Size{80, 30}, "row 4"); ok {
		t.Errorf("of rows to read one is %+v", got)
	}
}
