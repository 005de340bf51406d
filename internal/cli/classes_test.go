package cli

import (
	"reflect"
	"strings"
	"testing"

	"framepilot/probe"
)

func rows(values ...float32) probe.Matrix {
	return probe.Matrix{Rows: len(values), Cols: 1, Data: values}
}

// What a label means stays what it means, however the other file numbers its
// classes.
func TestSameClasses(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b    probe.Features
		classes string
		labels  []int // of b
		truth   [][]int
		text    []float32
		wrong   string // the error
	}{
		{name: "another order", a: probe.Features{Classes: []string{"lift", "walk"}}, b: probe.Features{Classes: []string{"walk", "lift"}, Labels: []int{0, 1, probe.Unlabelled}},
			classes: "lift walk", labels: []int{1, 0, probe.Unlabelled}},
		{name: "fewer", a: probe.Features{Classes: []string{"fall", "lift", "walk"}}, b: probe.Features{Classes: []string{"lift", "walk"}, Labels: []int{0, 1}},
			classes: "fall lift walk", labels: []int{1, 2}},
		{name: "one more", a: probe.Features{Classes: []string{"lift", "walk"}}, b: probe.Features{Classes: []string{"fall", "lift"}, Labels: []int{0, 1}},
			classes: "lift walk fall", labels: []int{2, 0}},
		{name: "several of a clip", a: probe.Features{Classes: []string{"lift", "walk"}}, b: probe.Features{Classes: []string{"walk", "lift"}, Truth: [][]int{{0, 1}, {}, {1}}},
			classes: "lift walk", truth: [][]int{{0, 1}, {}, {0}}},
		{name: "numbers beside names", a: probe.Features{Classes: []string{"walk", "lift"}}, b: probe.Features{Classes: []string{"0", "1"}, Labels: []int{1}},
			classes: "walk lift", labels: []int{1}},
		{name: "more numbers", a: probe.Features{Classes: []string{"0"}}, b: probe.Features{Classes: []string{"0", "1"}, Labels: []int{1}},
			classes: "0 1", labels: []int{1}},
		{name: "numbers nobody names", a: probe.Features{Classes: []string{"walk"}}, b: probe.Features{Classes: []string{"0", "1"}, Labels: []int{1}},
			wrong: "A names 1 class, B has 2 without names"},
		{name: "names of fewer than there are numbers", a: probe.Features{Classes: []string{"0", "1"}}, b: probe.Features{Classes: []string{"walk"}},
			wrong: "B names 1 class, A has 2 without names"},
		{name: "nothing to learn from", b: probe.Features{Classes: []string{"walk", "lift"}, Labels: []int{0}, Text: rows(1, 2)},
			classes: "walk lift", labels: []int{0}, text: []float32{1, 2}},
		{name: "words of the second", a: probe.Features{Classes: []string{"lift", "walk"}}, b: probe.Features{Classes: []string{"walk", "lift"}, Text: rows(7, 8)},
			classes: "lift walk", text: []float32{8, 7}},
		{name: "words of the first come first", a: probe.Features{Classes: []string{"lift"}, Text: rows(1)}, b: probe.Features{Classes: []string{"walk", "lift"}, Text: rows(7, 8)},
			classes: "lift walk", text: []float32{1, 7}},
		{name: "words beside numbers", a: probe.Features{Classes: []string{"0", "1"}, Text: rows(1, 2)}, b: probe.Features{Classes: []string{"walk", "lift"}},
			classes: "walk lift", text: []float32{1, 2}},
		{name: "no words of one", a: probe.Features{Classes: []string{"lift"}, Text: rows(1)}, b: probe.Features{Classes: []string{"walk", "lift"}},
			wrong: "no text of walk"},
	} {
		a, b := c.a, c.b
		err := sameClasses([2]string{"A", "B"}, &a, &b)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v, want %s", c.name, err, c.wrong)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(a.Classes, " "); got != c.classes || !reflect.DeepEqual(a.Classes, b.Classes) {
			t.Errorf("%s: classes %q and %q, want %s", c.name, a.Classes, b.Classes, c.classes)
		}
		if !reflect.DeepEqual(b.Labels, c.labels) || !reflect.DeepEqual(b.Truth, c.truth) {
			t.Errorf("%s: labels %v %v, want %v %v", c.name, b.Labels, b.Truth, c.labels, c.truth)
		}
		if !reflect.DeepEqual(a.Text.Data, c.text) || !reflect.DeepEqual(b.Text, a.Text) {
			t.Errorf("%s: text %v, want %v", c.name, a.Text.Data, c.text)
		}
	}
}
