package gate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"framepilot/internal/stat"
)

func share(bound Bound, by By, threshold float64) Criterion {
	return Criterion{Name: "G1", Stage: Pilot, Text: "top-1", Metric: "top1", Bound: bound, By: by, Threshold: threshold, Looks: 1}
}

func reading(k, n int) Reading {
	i := stat.Wilson(k, n, Confidence)
	return Reading{Value: float64(k) / float64(n), Low: i.Low, High: i.High, Confidence: Confidence, Clips: n, Recordings: n}
}

func TestVerdictsFollowTheInterval(t *testing.T) {
	r := Reading{Value: 0.71, Low: 0.68, High: 0.74, Confidence: 0.95, Clips: 900, Recordings: 90}
	for _, c := range []struct {
		bound     Bound
		by        By
		threshold float64
		want      Verdict
	}{
		{AtLeast, Lower, 0.60, Pass},
		{AtLeast, Lower, 0.68, Pass}, // the end itself will do
		{AtLeast, Lower, 0.70, Undecided},
		{AtLeast, Lower, 0.74, Undecided},
		{AtLeast, Lower, 0.75, Fail},
		{AtLeast, Point, 0.71, Pass},
		{AtLeast, Point, 0.72, Fail},
		{AtLeast, Upper, 0.74, Pass},
		{AtLeast, Upper, 0.75, Fail},
		{AtMost, Upper, 0.80, Pass},
		{AtMost, Upper, 0.74, Pass},
		{AtMost, Upper, 0.70, Undecided},
		{AtMost, Upper, 0.60, Fail},
		{AtMost, Point, 0.70, Fail},
		{AtMost, Lower, 0.68, Pass},
		{AtMost, Lower, 0.67, Fail},
	} {
		if got := share(c.bound, c.by, c.threshold).Judge(r); got.Verdict != c.want {
			t.Errorf("%s %g by %s: %+v, want %s", c.bound, c.threshold, c.by, got, c.want)
		}
	}
}

func TestThinDataNeverPasses(t *testing.T) {
	perfect := Reading{Value: 1, Low: 0.9, High: 1, Confidence: 0.95, Clips: 500, Recordings: 50}
	for name, spoil := range map[string]func(*Reading){
		"few clips":      func(r *Reading) { r.Clips = MinClips - 1 },
		"few recordings": func(r *Reading) { r.Recordings = MinRecordings - 1 },
	} {
		for _, by := range []By{Lower, Point, Upper} {
			r := perfect
			if got := share(AtLeast, by, 0.5).Judge(r); got.Verdict != Pass {
				t.Errorf("by %s: %+v before it is thin", by, got)
			}
			spoil(&r)
			got := share(AtLeast, by, 0.5).Judge(r)
			if got.Verdict != Undecided || got.Reason != Thin || got.Clips <= 0 {
				t.Errorf("%s by %s: %+v", name, by, got)
			}
		}
	}
}

// The clips asked for settle the gate if the rate stays: checked with the
// interval itself.
func TestMoreClipsSettleTheGate(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	var settled, open int
	for range 2000 {
		n := 30 + rng.IntN(500)
		k := rng.IntN(n + 1)
		c := share(AtLeast, Lower, math.Round(rng.Float64()*100)/100)
		ruling := c.Judge(reading(k, n))
		if ruling.Verdict != Undecided || ruling.Clips == 0 {
			continue
		}
		open++
		more := n + ruling.Clips
		i := stat.WilsonShare(float64(k)/float64(n), 1.01*float64(more)+1, Confidence)
		if i.Low >= c.Threshold || i.High < c.Threshold {
			settled++
		}
		half := stat.WilsonShare(float64(k)/float64(n), float64(n+ruling.Clips/4), Confidence)
		if ruling.Clips > 200 && (half.Low >= c.Threshold || half.High < c.Threshold) {
			t.Errorf("%d of %d against %g: a quarter of the %d clips asked for would do", k, n, c.Threshold, ruling.Clips)
		}
	}
	if open < 100 || settled < open {
		t.Errorf("%d of %d open gates are settled by the clips asked for", settled, open)
	}
}

func TestNumberOnTheThresholdHasNoPrice(t *testing.T) {
	r := Reading{Value: 0.7, Low: 0.65, High: 0.75, Confidence: 0.95, Clips: 300, Recordings: 300}
	if got := share(AtLeast, Lower, 0.7).Judge(r); got.Verdict != Undecided || got.Clips != 0 {
		t.Errorf("%+v: no number of clips settles a number that is the threshold", got)
	}
}

func TestLevelHoldsForAllLooksAndCandidates(t *testing.T) {
	c := share(AtLeast, Lower, 0.7)
	c.Looks = 3
	for _, x := range []struct {
		candidates, looks int
		want              float64
	}{{1, 1, 1 - 0.05/3}, {1, 3, 1 - 0.05/3}, {1, 5, 0.99}, {2, 3, 1 - 0.05/6}} {
		if got := c.Level(x.candidates, x.looks); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("%d candidates, look %d: %.6f, want %.6f", x.candidates, x.looks, got, x.want)
		}
	}
}

func TestSignatureBlocks(t *testing.T) {
	c := Criterion{Name: "G5", Stage: Pilot, Text: "licence of the weights", Metric: "sign-off"}.Fill()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if got := c.Judge(Reading{}); got.Verdict != Blocked || got.Reason != Unsigned {
		t.Errorf("%+v", got)
	}
}

func TestHashHoldsEveryField(t *testing.T) {
	base := share(AtLeast, Lower, 0.7)
	seen := map[string]string{base.Hash(): "base"}
	for name, change := range map[string]func(*Criterion){
		"name":      func(c *Criterion) { c.Name = "G2" },
		"stage":     func(c *Criterion) { c.Stage = OnSite },
		"text":      func(c *Criterion) { c.Text += "." },
		"metric":    func(c *Criterion) { c.Metric = "macro_f1" },
		"class":     func(c *Criterion) { c.Class = "lift" },
		"site":      func(c *Criterion) { c.Site = "night" },
		"recipe":    func(c *Criterion) { c.Recipe = "gda" },
		"bound":     func(c *Criterion) { c.Bound = AtMost },
		"threshold": func(c *Criterion) { c.Threshold = 0.7000001 },
		"by":        func(c *Criterion) { c.By = Upper },
		"looks":     func(c *Criterion) { c.Looks = 2 },
	} {
		c := base
		change(&c)
		if other, ok := seen[c.Hash()]; ok {
			t.Errorf("%s does not change the hash (as %s)", name, other)
		}
		seen[c.Hash()] = name
	}
}

func TestCheckRefuses(t *testing.T) {
	for want, change := range map[string]func(*Criterion){
		"no name":       func(c *Criterion) { c.Name = "" },
		"no stage":      func(c *Criterion) { c.Stage = "later" },
		"no text":       func(c *Criterion) { c.Text = " " },
		"no metric":     func(c *Criterion) { c.Metric = "accuracy" },
		"of one class":  func(c *Criterion) { c.Metric = "recall" },
		"bound":         func(c *Criterion) { c.Bound = ">" },
		"decided by":    func(c *Criterion) { c.By = "middle" },
		"no interval":   func(c *Criterion) { c.Metric = "clips_per_hour" },
		"looks":         func(c *Criterion) { c.Looks = 101 },
		"threshold 70":  func(c *Criterion) { c.Threshold = 70 },
		"threshold NaN": func(c *Criterion) { c.Threshold = math.NaN() },
	} {
		c := share(AtLeast, Lower, 0.7)
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", want, err)
		}
	}
	for _, m := range Metrics() {
		c := Criterion{Name: "G", Stage: OnSite, Text: "x", Metric: m.Name}
		if m.ByClass {
			c.Class = "lift"
		}
		if err := c.Fill().Check(); err != nil {
			t.Errorf("%s with defaults: %v", m.Name, err)
		}
	}
}

func TestPrice(t *testing.T) {
	r := Rates{Currency: "JPY", WagePerHour: 3000, SecondsPerLabel: 12, MachinePerHour: 200, ClipsPerHour: 400}
	p := r.Price(100)
	// 20 minutes of labelling at 3000 an hour, a quarter of an hour of machine at 200.
	if p.LabelMinutes != 20 || p.MachineMinutes != 15 || math.Abs(p.Money-1050) > 1e-9 || !p.Known {
		t.Errorf("%+v", p)
	}
	r.MachinePerHour = 0
	if r.Price(100).Known {
		t.Error("a price is known without the machine's rate")
	}
}
