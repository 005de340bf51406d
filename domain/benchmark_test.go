package domain_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"framepilot/domain"
	"framepilot/internal/cores"
	"framepilot/internal/stat"
	"framepilot/probe"
)

var (
	tablePath  = flag.String("table", "", "write the benchmark of new sites to this file (many minutes)")
	tableDraws = flag.Int("draws", 20, "second sites drawn of each kind")
	tableNight = flag.Int("nights", 30, "demo worlds drawn; the rule was tuned on the first 10")
)

// TestTable measures tests and methods on synthetic second sites and the demo
// world:
//
//	go test ./domain -run Table -timeout 2h -table ../docs/domain-benchmark.md
func TestTable(t *testing.T) {
	if *tablePath == "" {
		t.Skip("no -table")
	}
	var b strings.Builder
	fmt.Fprintf(&b, tableIntro, *tableDraws)
	parts := []func(*testing.T, *strings.Builder){tableAlarms, tablePower, tableMethods, tableNights}
	written := make([]strings.Builder, len(parts))
	t.Run("parts", func(t *testing.T) {
		for i, part := range parts {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				part(t, &written[i])
			})
		}
	})
	for i := range written {
		b.WriteString(written[i].String())
	}
	if err := os.WriteFile(*tablePath, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

const tableIntro = `# New sites: what the tests see and what the methods gain

Written by ` + "`go test ./domain -run Table -timeout 2h -table ../docs/domain-benchmark.md`" + `. The sites are those of
domain/sites_test.go: 4 classes, embeddings of width 24, two clips to a recording, a linear probe (C = 10) of 150 clips of the
first site. A second site is turned in every plane, moved, mixed differently (60, 25, 10 and 5 %% instead of a quarter each),
or nothing of it. %d sites are drawn of each kind. These are worlds made by a formula: they say what each method is for, not
what it gives on your videos.
`

// tableAlarms: how often each test says so where nothing, or something else,
// has changed.
func tableAlarms(t *testing.T, b *strings.Builder) {
	const draws = 200
	fmt.Fprintf(b, `
## False alarms

Share of %d draws, 120 clips of 60 recordings at each site, in which a test gives p ≤ 0.05 (p ≤ 0.01), permuting recordings. Where
nothing has changed it should be 5 %% (1 %%); the 95 %% interval of 5 %% in %d draws is %s.

| test | nothing changed | prior only |
|---|---|---|
`, draws, draws, interval(stat.Wilson(draws/20, draws, probe.Confidence)))
	names := []string{"MMD", "classifier two-sample", "MMD, mix taken out", "BBSD", "histogram of answers"}
	cells := map[string][]string{}
	verdicts := map[string][]string{}
	for _, k := range kinds[:2] {
		ps := make([][]float64, draws)
		drifted := make([]domain.Verdict, draws)
		base := linearProbe(t, k.clips(150, false, 999))
		cores.Each(draws, func(draw int) {
			source := k.clips(120, false, uint64(1000+2*draw))
			// The probe has seen neither site, so that nothing but the site differs.
			r, err := domain.Detect(t.Context(), domain.Task{Source: source, Base: base.Classifier, Target: domain.Unlabelled(k.clips(120, true, uint64(1001+2*draw))), Seed: uint64(draw)})
			if err != nil {
				t.Error(err)
				return
			}
			ps[draw] = []float64{r.MMDP, r.C2STP, *r.LookP, *r.BBSDP, *r.LabelShiftP}
			drifted[draw] = r.Verdict
		})
		for i, name := range names {
			var five, one int
			for _, p := range ps {
				if p[i] <= 0.05 {
					five++
				}
				if p[i] <= 0.01 {
					one++
				}
			}
			cells[name] = append(cells[name], fmt.Sprintf("%.1f %% (%.1f %%)", 100*float64(five)/draws, 100*float64(one)/draws))
		}
		for _, v := range []domain.Verdict{domain.ShiftNone, domain.ShiftMix, domain.ShiftLook, domain.ShiftBoth} {
			var n int
			for _, got := range drifted {
				if got == v {
					n++
				}
			}
			verdicts[string(v)] = append(verdicts[string(v)], fmt.Sprintf("%.1f %%", 100*float64(n)/draws))
		}
	}
	for _, name := range names {
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.Join(cells[name], " | "))
	}
	for _, v := range []string{"same", "mix", "look", "look and mix"} {
		fmt.Fprintf(b, "| verdict `%s` | %s |\n", v, strings.Join(verdicts[v], " | "))
	}
}

// tablePower: from which change on, and how many clips on, the tests see it.
func tablePower(t *testing.T, b *strings.Builder) {
	const draws = 40
	clips := []int{30, 100, 300}
	fmt.Fprintf(b, `
## Power

Share of %d draws with p ≤ 0.01, by clips at each site. Moved by so much of the table's "rotation + shift"; mixed so much of the
way to its other prior.

| change | test |`, draws)
	for _, n := range clips {
		fmt.Fprintf(b, " %d clips |", n)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(clips)) + "\n")
	full := kinds[3]
	base := linearProbe(t, full.clips(150, false, 999))
	seen := func(k kind, n int, p ...func(domain.Report) float64) []int {
		var mu sync.Mutex
		found := make([]int, len(p))
		cores.Each(draws, func(draw int) {
			r, err := domain.Detect(t.Context(), domain.Task{
				Source: k.clips(n, false, uint64(3000+2*draw)), Base: base.Classifier,
				Target: domain.Unlabelled(k.clips(n, true, uint64(3001+2*draw))), Seed: uint64(draw),
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			for i := range p {
				if p[i](r) <= 0.01 {
					found[i]++
				}
			}
		})
		return found
	}
	rows := func(change string, k kind, tests []string, p ...func(domain.Report) float64) {
		lines := make([]string, len(tests))
		for _, n := range clips {
			for i, found := range seen(k, n, p...) {
				lines[i] += fmt.Sprintf(" %.0f %% |", 100*float64(found)/draws)
			}
		}
		for i, test := range tests {
			fmt.Fprintf(b, "| %s | %s |%s\n", change, test, lines[i])
		}
	}
	for _, part := range []float64{0.1, 0.25, 0.5, 1} {
		rows(fmt.Sprintf("moved %.0f %%", 100*part), kind{"", full.turn * part, full.move * part, full.noise, evenly}, []string{"MMD", "two-sample"},
			func(r domain.Report) float64 { return r.MMDP }, func(r domain.Report) float64 { return r.C2STP })
	}
	for _, part := range []float64{0.25, 0.5, 1} {
		k := kind{"", 0, 0, full.noise, make([]float64, len(evenly))}
		for c := range evenly {
			k.prior[c] = (1-part)*evenly[c] + part*skewed[c]
		}
		rows(fmt.Sprintf("mixed %.0f %%", 100*part), k, []string{"histogram"}, func(r domain.Report) float64 { return *r.LabelShiftP })
	}
}

// trial is a method on one second site.
type trial struct {
	plain, ended float64 // accuracy before and after
	lost, won    float64 // clips against the inductive answer
	accepted     bool
	covered      bool // the expected range holds the accuracy
}

// tableMethods: what each method gains and loses.
func tableMethods(t *testing.T, b *strings.Builder) {
	const test = 400
	fmt.Fprintf(b, `
## Methods

Accuracy on %d clips of the second site that were not adapted to, after adapting to 250 others without labels: **mean gain in
points** over the classifier as it is (worst site), share of sites where the safety gate opened, and, behind a gate, the 95 %%
interval of the difference to the answer it replaced, all sites pooled. Expected ranges: how often the range that was said held
the accuracy that came out.
`, test)
	methods := domain.Methods()
	cells := map[string][]string{}
	var plains []string
	covered, ranges := map[string]int{}, 0
	for _, k := range kinds {
		trials := map[string][]trial{}
		var mu sync.Mutex
		var plain float64
		cores.Each(*tableDraws, func(draw int) {
			site := k.clips(250+test, true, uint64(5001+2*draw))
			task := probeTask(t, k.clips(150, false, uint64(5000+2*draw)), domain.Unlabelled(site.Take(span(0, 250))))
			held := site.Take(span(250, 250+test))
			before := right(task.Base, held)
			mu.Lock()
			plain += share(before) / float64(*tableDraws)
			mu.Unlock()
			for _, m := range methods {
				a, err := m.Run(t.Context(), task, nil)
				if err != nil {
					t.Errorf("%s: %v", m.Name, err)
					return
				}
				after := right(a.Classifier, held)
				one := trial{plain: share(before), ended: share(after), accepted: a.Gate == nil || a.Gate.Accepted}
				if a.Gate != nil {
					one.lost, one.won = discordant(right(inductive(task, a), held), after)
				}
				one.covered = one.ended >= a.Expected.Low && one.ended <= a.Expected.High
				mu.Lock()
				trials[m.Name] = append(trials[m.Name], one)
				mu.Unlock()
			}
		})
		plains = append(plains, fmt.Sprintf("%.1f %%", 100*plain))
		for _, m := range methods {
			cells[m.Name] = append(cells[m.Name], cell(trials[m.Name], test))
			for _, one := range trials[m.Name] {
				if one.covered {
					covered[m.Name]++
				}
			}
		}
		ranges += *tableDraws
		t.Log(k.name)
	}
	b.WriteString("\n| method |")
	for _, k := range kinds {
		fmt.Fprintf(b, " %s |", k.name)
	}
	b.WriteString(" expected range held |\n|---|" + strings.Repeat("---|", len(kinds)+1) + "\n| as it is | " + strings.Join(plains, " | ") + " | |\n")
	for _, m := range methods {
		fmt.Fprintf(b, "| `%s` | %s | %.0f %% |\n", m.Name, strings.Join(cells[m.Name], " | "), 100*float64(covered[m.Name])/float64(ranges))
	}
}

func cell(trials []trial, test float64) string {
	var gain, worst, lost, won, open float64
	gated := false
	worst = math.Inf(1)
	n := float64(len(trials))
	for _, one := range trials {
		gain += (one.ended - one.plain) / n
		worst = min(worst, one.ended-one.plain)
		lost += one.lost
		won += one.won
		gated = gated || !one.accepted || one.lost+one.won > 0
		if one.accepted {
			open += 1 / n
		}
	}
	out := fmt.Sprintf("**%+.1f** (%+.1f)", 100*gain, 100*worst)
	if gated {
		i := stat.PairedDifference(won, lost, n*test, probe.Confidence)
		out += fmt.Sprintf("; open %.0f %%, %s", 100*open, interval(i))
	}
	return out
}

func interval(i stat.Interval) string { return fmt.Sprintf("[%.1f, %.1f]", 100*i.Low, 100*i.High) }

// meanInterval is the mean and its 95 % interval over draws, by the bootstrap.
func meanInterval(values []float64) string {
	var sum float64
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return fmt.Sprintf("%.1f %s", 100*sum, interval(resampled(len(values), func(rows []int) float64 {
		var sum float64
		for _, r := range rows {
			sum += values[r] / float64(len(rows))
		}
		return sum
	})))
}

// resampled is the 95 % percentile interval of a statistic over draws.
func resampled(n int, statistic func(rows []int) float64) stat.Interval {
	rng := newRand(1)
	values := make([]float64, 2000)
	for k := range values {
		rows := make([]int, n)
		for i := range rows {
			rows[i] = rng.IntN(n)
		}
		values[k] = statistic(rows)
	}
	slices.Sort(values)
	return stat.Interval{Low: stat.Quantile(values, 0.025), High: stat.Quantile(values, 0.975)}
}
