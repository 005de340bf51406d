package linear

import (
	"fmt"
	"strings"
	"testing"

	"framepilot/tui/page"
)

// Of many rows to choose from those around the chosen one are read out, with
// where they are; what is only to be read is read to its end.
func TestManyRows(t *testing.T) {
	table := page.Table{Columns: []page.Column{{}}, Selected: 50}
	for i := range 100 {
		table.Rows = append(table.Rows, page.Row{Cells: []string{fmt.Sprint("row ", i)}})
	}
	text := Text(page.Page{Blocks: []page.Block{table}})
	if strings.Count(text, "row ") != 9 || !strings.Contains(text, "* row 50.\n") || !strings.Contains(text, "47-55 / 100.\n") {
		t.Errorf("read out is\n%s", text)
	}
	table.Selected = -1
	if n := strings.Count(Text(page.Page{Blocks: []page.Block{table}}), "row "); n != 100 {
		t.Errorf("%d rows are read out", n)
	}
}
