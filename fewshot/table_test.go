package fewshot

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"framepilot/adapt/featurefile"
	"framepilot/probe"
)

var (
	tablePath  = flag.String("table", "", "write the benchmark page to this file (an hour)")
	tableDraws = flag.Int("draws", 20, "training sets a cell of the page is drawn from")
	tableKept  = flag.String("kept", "", "keep what is measured in this file, and go on from what the same program left there")
)

// TestTable measures every method everywhere and writes the page about it:
//
//	go test ./fewshot -run Table -timeout 3h -table ../docs/methods-benchmark.md
func TestTable(t *testing.T) {
	if *tablePath == "" {
		t.Skip("no -table")
	}
	kept := newKeep(t)
	trials := trials(t)
	for _, tr := range trials {
		for _, shots := range tr.shots {
			for _, e := range tr.entrants {
				k := key{tr.name, e, shots}
				if _, ok := kept.cells[k]; !ok {
					kept.put(t, k, measure(t, tr, e, shots))
					t.Log(k)
				}
			}
		}
	}
	if err := os.WriteFile(*tablePath, []byte(newPage(trials, kept.cells).String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// trial is a world that training sets are drawn from.
type trial struct {
	name, about string
	worlds      bool // of the worlds that averages are over
	shots       []int
	entrants    []string
	draw        func(t *testing.T, shots int, seed uint64) (train, test probe.Features)
}

// framed marks an entrant that reads frames where its trial has them.
const framed = " on frames"

func trials(t *testing.T) []trial {
	var all []string
	for _, m := range append(probe.Methods(), Methods()...) {
		if !m.Frames {
			all = append(all, m.Name)
		}
	}
	of := func(s scenario, telling float64) func(*testing.T, int, uint64) (train, test probe.Features) {
		return func(_ *testing.T, shots int, seed uint64) (train, test probe.Features) {
			w := newWorld(10, 64, seed)
			w.telling = telling
			return w.train(shots, s), w.test(30)
		}
	}
	film := func(_ *testing.T, shots int, seed uint64) (train, test probe.Features) {
		w := newWorld(8, 32, seed)
		return w.film(shots, 6), w.film(30, 6)
	}
	five, four, three, two := []int{1, 2, 4, 8, 16}, []int{1, 2, 4, 16}, []int{1, 4, 16}, []int{1, 4}
	return []trial{
		{"Plain", "As many clips of every class.", true, five, all, of(scenario{}, telling)},
		{"Imbalance", "Clips of classes by Zipf's law, K on average and one at least.", true, five, all, of(scenario{imbalance: true}, telling)},
		{"Missing classes", "A fifth of the classes without clips, but with texts.", true, five, all, of(scenario{missing: 0.2}, telling)},
		{"Wrong labels", "A tenth of the labels drawn by lot.", true, five, all, of(scenario{noise: 0.1}, telling)},
		{"Texts that tell all", "The plain world, clips much closer to the texts of their classes.", false, two, all, of(scenario{}, 0.8)},
		{"Texts that tell nothing", "The plain world, texts of other things than the clips show.", false, two, all, of(scenario{}, 0)},
		{"Order of frames", "Eight classes in pairs of a film and the same film backwards, six frames of width 32. The embedding of a clip is the mean of its frames and says nothing of which of a pair it is; nor do the texts, which a pair shares, and a tie counts as wrong. Logistic on frames takes them side by side as one long row.",
			false, three, []string{"zero-shot", "logistic", "proker", "auto", "logistic" + framed, "attentive" + framed}, film},
		{"Demo, own names", "The demo's ten classes by day, as its own model sees them (testdata/demo), under the names that a company has for them and that tell the model nothing. Draws are of one training set, tested on the same 250 clips.",
			false, four, all, demo(t, "")},
		{"Demo, described", "The same clips, with classes described in words.", false, four, all, demo(t, "described")},
	}
}

// demo draws from the demo's clips, with other texts where they are named.
func demo(t *testing.T, texts string) func(t *testing.T, shots int, seed uint64) (train, test probe.Features) {
	load := func(name string) probe.Features {
		f, _, err := featurefile.Load("../testdata/demo/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		f.X.Normalize() // half precision
		f.Text.Normalize()
		return f
	}
	all, test := load("day-train"), load("day-test")
	if texts != "" {
		all.Text = load(texts).X
		test.Text = all.Text
	}
	return func(t *testing.T, shots int, seed uint64) (probe.Features, probe.Features) {
		rows, err := probe.Shots(all.Labels, all.Groups, all.Classes, shots, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			t.Fatal(err)
		}
		return all.Take(rows), test
	}
}

// key names a cell.
type key struct {
	Trial, Entrant string
	Shots          int
}

// cell is how an entrant fared, draw by draw.
type cell struct{ Accuracy, ECE, NLL, Seconds []float64 }

// measure fits an entrant to draws of a trial.
func measure(t *testing.T, tr trial, entrant string, shots int) cell {
	t.Helper()
	m, frames := methodOf(t, entrant)
	var c cell
	for draw := range *tableDraws {
		train, test := tr.draw(t, shots, uint64(draw))
		if !frames {
			train, test = train.Pooled(), test.Pooled()
		}
		begin := processor(t)
		fitted, err := m.Run(t.Context(), train, nil)
		if err != nil {
			t.Fatalf("%s, %s, K = %d: %v", tr.name, entrant, shots, err)
		}
		c.Seconds = append(c.Seconds, (processor(t) - begin).Seconds())
		score, err := evaluate(fitted.Classifier, test)
		if err != nil {
			t.Fatal(err)
		}
		c.Accuracy = append(c.Accuracy, score.Top1.Value)
		c.ECE = append(c.ECE, score.Calibration.ECE)
		c.NLL = append(c.NLL, score.NLL)
	}
	return c
}

// processor is the time that this process has taken of the processor.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// methodOf is the method of an entrant, and whether it reads frames.
func methodOf(t *testing.T, entrant string) (probe.Method, bool) {
	t.Helper()
	name, frames := entrant, false
	if n := len(entrant) - len(framed); n > 0 && entrant[n:] == framed {
		name, frames = entrant[:n], true
	}
	m, err := probe.FindMethod(append(probe.Methods(), Methods()...), name)
	if err != nil {
		t.Fatal(err)
	}
	return m, frames
}

// keep holds the cells measured, in a file where there is to be one.
type keep struct{ cells map[key]cell }

// kept is a line of that file.
type kept struct {
	Key  key
	Cell cell
}

func newKeep(t *testing.T) keep {
	t.Helper()
	k := keep{make(map[key]cell)}
	if *tableKept == "" {
		return k
	}
	f, err := os.Open(*tableKept)
	if errors.Is(err, fs.ErrNotExist) {
		return k
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); d.More(); {
		var line kept
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if len(line.Cell.Accuracy) == *tableDraws {
			k.cells[line.Key] = line.Cell
		}
	}
	return k
}

func (k keep) put(t *testing.T, at key, c cell) {
	t.Helper()
	k.cells[at] = c
	if *tableKept == "" {
		return
	}
	f, err := os.OpenFile(*tableKept, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.NewEncoder(f).Encode(kept{at, c}), f.Close()); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", *tableKept, err))
	}
}
