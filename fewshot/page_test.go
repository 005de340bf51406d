package fewshot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/stat"
)

// page writes docs/methods-benchmark.md from what was measured: tables and
// every sentence that has a number in it.
type page struct {
	trials []trial
	cells  map[key]cell
	places []place  // of the worlds that averages are over
	order  []string // entrants there, the best first
	strings.Builder
}

// place is a column of the tables of a trial.
type place struct {
	trial string
	shots int
}

func (p place) String() string { return fmt.Sprintf("%s, K = %d", strings.ToLower(p.trial), p.shots) }

const pageHead = `# Few-shot methods, measured

Written by %s, sentences with numbers and all. The worlds are those of
fewshot/world_test.go: 10 classes, embeddings of width 64, texts that tell part of what a class looks like, two clips to a
recording. A cell is over %d draws of a training set with about K clips a class, each tested on 300 clips of other recordings.
With one recording a class, as at K = 1 and 2, nothing can be chosen on held-out clips. The rules of auto were set on draws 1000
to 1009, none of these. They are worlds made by a formula: they say what a method is for, not what it gives on your videos.

- **Accuracy**: mean over draws in %%, in brackets the mean of the worst tenth of draws, which is what bad luck costs.
- **Calibration**: expected calibration error in %% (15 bins of equal mass) and, after the stroke, mean negative log-likelihood.
- **Time**: of the processor, for one fit with its settings chosen, the median; cores share it.

The best of a column is bold. Rows are in the order of the mean accuracy over the first four worlds.
`

func newPage(trials []trial, cells map[key]cell) *page {
	p := &page{trials: trials, cells: cells}
	for _, t := range trials {
		if !t.worlds {
			continue
		}
		p.order = t.entrants
		for _, k := range t.shots {
			p.places = append(p.places, place{t.name, k})
		}
	}
	p.order = slices.Clone(p.order)
	slices.SortStableFunc(p.order, func(a, b string) int { return cmp.Compare(p.overall(b).Worth, p.overall(a).Worth) })
	fmt.Fprintf(p, pageHead, "`make tables`", *tableDraws)
	p.overview()
	for _, t := range trials {
		p.trial(t)
	}
	return p
}

// at is a cell of the tables.
func (p *page) at(e string, at place) cell { return p.cells[key{at.trial, e, at.shots}] }

// fared is a cell, or the mean of many, in a few numbers.
type fared struct{ Worth, Worst, ECE, NLL, Seconds float64 }

func (c cell) fared() fared {
	s := stat.NewSpread(c.Accuracy)
	ece, _ := stat.MeanSD(c.ECE)
	nll, _ := stat.MeanSD(c.NLL)
	return fared{s.Mean, s.Worst, ece, nll, stat.Quantile(c.Seconds, 0.5)}
}

// overall is the mean over the worlds.
func (p *page) overall(e string) fared {
	var sum fared
	n := float64(len(p.places))
	for _, at := range p.places {
		f := p.at(e, at).fared()
		sum.Worth += f.Worth / n
		sum.Worst += f.Worst / n
		sum.ECE += f.ECE / n
		sum.NLL += f.NLL / n
		sum.Seconds += f.Seconds / n
	}
	return sum
}

func (f fared) accuracy() string    { return fmt.Sprintf("%.1f (%.1f)", 100*f.Worth, 100*f.Worst) }
func (f fared) calibration() string { return fmt.Sprintf("%.1f / %.2f", 100*f.ECE, f.NLL) }
func (f fared) time() string {
	switch {
	case f.Seconds < 0.5e-3:
		return "< 1 ms"
	case f.Seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", 1000*f.Seconds)
	}
	return fmt.Sprintf("%.1f s", f.Seconds)
}

func (p *page) overview() {
	fmt.Fprintf(p, "\n## At a glance\n\nOver the %d cells of the first four worlds:\n\n| method | accuracy | calibration | time |\n|---|---|---|---|\n", len(p.places))
	for _, e := range p.order {
		f := p.overall(e)
		fmt.Fprintf(p, "| %s | %s | %s | %s |\n", e, f.accuracy(), f.calibration(), f.time())
	}
	for _, sentence := range []string{p.autoAgainstBest(), p.autoAgainstZeroShot(), p.dominated()} {
		fmt.Fprintf(p, "\n%s\n", sentence)
	}
}

// autoAgainstBest says what choosing costs and gives.
func (p *page) autoAgainstBest() string {
	single := slices.DeleteFunc(slices.Clone(p.order), func(e string) bool { return e == "auto" })
	var loss float64
	var of string
	var where place
	var within, ahead int
	for _, at := range p.places {
		best := slices.MaxFunc(single, func(a, b string) int { return cmp.Compare(p.at(a, at).fared().Worth, p.at(b, at).fared().Worth) })
		behind := p.at(best, at).fared().Worth - p.at("auto", at).fared().Worth
		if behind <= 0.01 {
			within++
		}
		if behind <= 0 {
			ahead++
		}
		if behind > loss {
			loss, of, where = behind, best, at
		}
	}
	auto, best := p.overall("auto"), p.overall(single[0])
	sentence := fmt.Sprintf("auto is right about %.1f %% on average and about %.1f %% in the worst tenth of draws; %s, the best single method on average, about %.1f and %.1f. In %d of the %d cells auto is as good as the best single method of that very cell or better, in %d within a point of it.",
		100*auto.Worth, 100*auto.Worst, single[0], 100*best.Worth, 100*best.Worst, ahead, len(p.places), within)
	if loss > 0 {
		sentence += fmt.Sprintf(" Its largest loss is %.1f points, to %s (%s).", 100*loss, of, where)
	}
	return sentence
}

// autoAgainstZeroShot tests every cell of the page.
func (p *page) autoAgainstZeroShot() string {
	var better, all int
	var worse []string
	for _, t := range p.trials {
		for _, k := range t.shots {
			at := place{t.name, k}
			all++
			switch i := paired(p.at("auto", at).Accuracy, p.at("zero-shot", at).Accuracy, 0.95); {
			case i.Low > 0:
				better++
			case i.High < 0:
				worse = append(worse, at.String())
			}
		}
	}
	than := "in none worse"
	if len(worse) > 0 {
		than = "worse in " + strings.Join(worse, "; ")
	}
	return fmt.Sprintf("Against zero-shot, draw by draw in each of the %d cells of this page, auto is better in %d and %s (95 %% intervals of the mean difference).", all, better, than)
}

// dominated lists the methods that another one beats throughout: nowhere are
// they more accurate or give the truth more likelihood beyond chance.
func (p *page) dominated() string {
	beats := func(b, a string) bool {
		wins := 0
		for _, at := range p.places {
			ours, theirs := p.at(a, at), p.at(b, at)
			if paired(ours.Accuracy, theirs.Accuracy, 0.99).Low > 0 || paired(theirs.NLL, ours.NLL, 0.99).Low > 0 {
				return false
			}
			if paired(theirs.Accuracy, ours.Accuracy, 0.99).Low > 0 {
				wins++
			}
		}
		return wins > 0
	}
	by := make(map[string][]string)
	for _, a := range p.order {
		for _, b := range p.order {
			if b != "auto" && a != "auto" && a != b && beats(b, a) {
				by[b] = append(by[b], a)
				break
			}
		}
	}
	if len(by) == 0 {
		return "No method is dominated: each beats each of the others somewhere."
	}
	var found []string
	for _, b := range p.order {
		if len(by[b]) > 0 {
			found = append(found, fmt.Sprintf("by %s: %s", b, strings.Join(by[b], ", ")))
		}
	}
	return fmt.Sprintf("Dominated in all %d cells, that is nowhere more accurate or more likely than the other beyond chance (99 %% intervals over draws) and somewhere less accurate: %s. They are here as baselines, or because papers' tables have them under these names.",
		len(p.places), strings.Join(found, "; "))
}

// trial writes the tables of a trial.
func (p *page) trial(t trial) {
	fmt.Fprintf(p, "\n## %s\n\n%s\n", t.name, t.about)
	rows := t.entrants
	if len(rows) == len(p.order) {
		rows = p.order
	}
	for _, table := range []struct {
		title string
		write func(fared) string
		worth func(fared) float64 // of what is bold; more is better
	}{
		{"Accuracy, %", fared.accuracy, func(f fared) float64 { return f.Worth }},
		{"ECE, % / NLL", fared.calibration, func(f fared) float64 { return -f.NLL }},
		{"Time", fared.time, nil},
	} {
		fmt.Fprintf(p, "\n| %s |", table.title)
		for _, k := range t.shots {
			fmt.Fprintf(p, " K = %d |", k)
		}
		p.WriteString("\n|---|" + strings.Repeat("---|", len(t.shots)) + "\n")
		for _, e := range rows {
			fmt.Fprintf(p, "| %s |", e)
			for _, k := range t.shots {
				f := p.at(e, place{t.name, k}).fared()
				text := table.write(f)
				if table.worth != nil && !slices.ContainsFunc(rows, func(other string) bool {
					return table.worth(p.at(other, place{t.name, k}).fared()) > table.worth(f)
				}) {
					text = "**" + text + "**"
				}
				fmt.Fprintf(p, " %s |", text)
			}
			p.WriteString("\n")
		}
	}
}

// TestPage: the sentences of the page say what its cells do.
func TestPage(t *testing.T) {
	trials := []trial{
		{name: "Plain", worlds: true, shots: []int{1, 2}, entrants: []string{"zero-shot", "tip", "gda", "auto"}},
		{name: "Aside", shots: []int{1}, entrants: []string{"zero-shot", "auto"}},
	}
	cells := map[key]cell{}
	for at, accuracy := range map[key]float64{
		{"Plain", "zero-shot", 1}: 0.5, {"Plain", "tip", 1}: 0.6, {"Plain", "gda", 1}: 0.9, {"Plain", "auto", 1}: 0.87,
		{"Plain", "zero-shot", 2}: 0.6, {"Plain", "tip", 2}: 0.4, {"Plain", "gda", 2}: 0.8, {"Plain", "auto", 2}: 0.81,
		{"Aside", "zero-shot", 1}: 0.9, {"Aside", "auto", 1}: 0.8,
	} {
		var c cell
		for draw := range 20 {
			wobble := 0.01 * float64(draw%5-2)
			c.Accuracy = append(c.Accuracy, accuracy+wobble)
			c.ECE, c.NLL, c.Seconds = append(c.ECE, 0.05), append(c.NLL, 1-accuracy), append(c.Seconds, 0.0131)
		}
		cells[at] = c
	}
	got := newPage(trials, cells).String()
	for _, want := range []string{
		"auto is right about 84.0 % on average and about 82.0 % in the worst tenth of draws; gda, the best single method on average, about 85.0 and 83.0.",
		"In 1 of the 2 cells auto is as good as the best single method of that very cell or better, in 1 within a point of it. Its largest loss is 3.0 points, to gda (plain, K = 1).",
		"in each of the 3 cells of this page, auto is better in 2 and worse in aside, K = 1",
		"by gda: zero-shot, tip. They",
		"| gda | **90.0 (88.0)** | 80.0 (78.0) |", "| auto | 5.0 / 0.13 | **5.0 / 0.19** |", "| tip | 13 ms | 13 ms |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}
