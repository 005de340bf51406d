package report

import (
	"strings"
	"testing"

	"framepilot/internal/lang"
)

// TestReasonsStandWhole: a name gives way in the middle, the sentence by which
// auto says what it takes does not.
func TestReasonsStandWhole(t *testing.T) {
	why := "auto takes the mean of " + strings.Repeat("one and ", 40) + "another"
	var s Setting
	s.Label, s.Name, s.Value, s.Reason = "auto", "held-out NLL of one", "0.5", why
	cells := words{lang.English}.choiceTable([]Setting{s}).Rows[0].Cells
	if got := cells[len(cells)-1].Text; got != why {
		t.Errorf("the reason reads %q", got)
	}
}
