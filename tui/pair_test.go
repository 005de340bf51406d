package tui

import (
	"fmt"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// What two marked recipes come to is counted again from the predictions.
func TestPairIsCountedFromPredictions(t *testing.T) {
	full, _ := folders(t)
	a, _ := newApp(t, full, lang.English)
	press(a, "5", "s", "space", "down", "down", "space")
	rows := a.results.at("night")
	left := rows[0].middle
	right := rows[2].middle
	onlyA, onlyB, neither := 0, 0, 0
	for i, p := range left.Predictions {
		switch q := right.Predictions[i]; {
		case p.Clip != q.Clip:
			t.Fatal("the fixture's clips are in two orders")
		case p.Correct && !q.Correct:
			onlyA++
		case !p.Correct && q.Correct:
			onlyB++
		case !p.Correct:
			neither++
		}
	}
	want := map[string]string{"only A is right": fmt.Sprint(onlyA), "only B is right": fmt.Sprint(onlyB), "both are wrong": fmt.Sprint(neither)}
	found := 0
	for _, b := range a.Page().All() {
		f, ok := b.(page.Fields)
		if !ok {
			continue
		}
		for _, item := range f.Items {
			if x, asked := want[item.Label]; asked {
				found++
				if item.Value != x {
					t.Errorf("%s: %s, want %s", item.Label, item.Value, x)
				}
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d counts are shown: %+v", found, len(want), a.Page().All())
	}
	if onlyA == 0 {
		t.Error("the fixture's recipes do not differ")
	}

	press(a, "up", "space") // a third takes the place of the second
	if bars := a.Page().Blocks[0].(page.Bars); !strings.HasPrefix(bars.Rows[1].Label, "[B]") || strings.HasPrefix(bars.Rows[2].Label, "[") {
		t.Errorf("marked are %+v", bars.Rows)
	}
	press(a, "space", "up", "space")
	for _, row := range a.Page().Blocks[0].(page.Bars).Rows {
		if strings.HasPrefix(row.Label, "[") {
			t.Errorf("%s is still marked", row.Label)
		}
	}
}

// Letters typed into the filter are no commands.
func TestCompareFilterTakesAllLetters(t *testing.T) {
	full, _ := folders(t)
	a, _ := newApp(t, full, lang.English)
	press(a, "5", "/")
	fill(a, "4 shrvs")
	if bars := a.Page().Blocks[0].(page.Bars); !strings.Contains(bars.Name, "/4 shrvs_") {
		t.Errorf("the filter holds another text: %s", bars.Name)
	}
}
