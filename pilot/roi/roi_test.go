package roi

import (
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// A case worked by hand.
func worked() (map[string]Range, Confusion) {
	return map[string]Range{
			ClipsPerMonth:  {8000, 10000, 12000},
			MinutesPerClip: Exactly(3),
			WagePerHour:    {2000, 3000, 4000},
			HandledShare:   Exactly(0.8),
			MachinePerHour: Exactly(100),
			ClipsPerHour:   Exactly(400),
			SetupCost:      {1e6, 2e6, 4e6},
			RunningCost:    Exactly(100000),
			ErrorCost:      {100, 200, 400},
		}, Confusion{
			Counts: [][]int{{45, 5}, {15, 35}},
			Costs:  [][]float64{{math.NaN(), 1000}, {math.NaN(), math.NaN()}},
		}
}

func TestWorkedExample(t *testing.T) {
	r, err := Compute(worked())
	if err != nil {
		t.Fatal(err)
	}
	// 8,000 clips handled × 3 min at 3,000 an hour; 25 h of machine; a fifth
	// wrong at (5·1000 + 15·200)/20 = 400 each.
	want := Month{Saved: 1_200_000, Machine: 2500, Errors: 8000 * 0.2 * 400, Running: 100000}
	want.Net = want.Saved - want.Machine - want.Errors - want.Running
	if b := r.Base; !near(b.Saved, want.Saved) || !near(b.Machine, want.Machine) || !near(b.Errors, want.Errors) || !near(b.Net, want.Net) {
		t.Errorf("base %+v, want %+v", b, want)
	}
	if !near(r.Payback[1], 2e6/want.Net) {
		t.Errorf("payback %g months, want %g", r.Payback[1], 2e6/want.Net)
	}
	if !near(r.Per1000, 250) {
		t.Errorf("1,000 clips cost %g, want 250", r.Per1000)
	}
	// 1,097,500 of gain without errors over 8,000 · 400 at stake.
	if !near(r.BreakEven, 1-1_097_500.0/3_200_000) {
		t.Errorf("break-even at %g", r.BreakEven)
	}
	if len(r.Bars) != 3 || r.Bars[0].Name != WagePerHour {
		t.Errorf("bars %+v", r.Bars)
	}
}

// At the break-even accuracy a month nets nothing, and the low and high cases
// bound every month between them.
func TestEndsBoundEveryMonth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		assumed := map[string]Range{}
		for _, name := range Names() {
			if name == Accuracy {
				continue
			}
			a := []float64{rng.Float64(), rng.Float64(), rng.Float64()}
			scale := 1000.0
			if name == HandledShare {
				scale = 1
			}
			low, high := min(a[0], a[1], a[2]), max(a[0], a[1], a[2])
			assumed[name] = Range{scale*low + 1e-3, scale*(a[0]+a[1]+a[2]-low-high) + 1e-3, scale*high + 1e-3}
		}
		if r := assumed[HandledShare]; r.High > 1 {
			assumed[HandledShare] = Range{r.Low - 1e-3, r.Base - 1e-3, r.High - 1e-3}
		}
		_, c := worked()
		r, err := Compute(assumed, c)
		if err != nil {
			t.Fatal(err)
		}
		accuracy, _ := c.accuracy()
		for range 50 {
			v := values{Accuracy: accuracy}
			for name, x := range assumed {
				v[name] = x.Low + rng.Float64()*(x.High-x.Low)
			}
			if net := month(v, c).Net; net < r.Low.Net-1e-6 || net > r.High.Net+1e-6 {
				t.Fatalf("net %g outside [%g, %g]", net, r.Low.Net, r.High.Net)
			}
		}
		at := values{}
		for name, x := range assumed {
			at[name] = x.Base
		}
		at[Accuracy] = r.BreakEven
		if m := month(at, c); math.Abs(m.Net) > 1e-6*(m.Saved+math.Abs(m.Errors)+m.Machine+m.Running) {
			t.Errorf("net %g at the break-even accuracy %g", m.Net, r.BreakEven)
		}
	}
}

func TestErrorsThatCostNothing(t *testing.T) {
	assumed, c := worked()
	assumed[ErrorCost] = Exactly(0)
	c.Costs = nil
	r, err := Compute(assumed, c)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(r.BreakEven, -1) {
		t.Errorf("break-even at %g, want always", r.BreakEven)
	}
	assumed[WagePerHour] = Exactly(0)
	if r, err = Compute(assumed, c); err != nil || !math.IsInf(r.BreakEven, 1) || r.Payback[1] != Forever {
		t.Errorf("without a wage: %+v, %v", r, err)
	}
}

// What costs nothing is 0 in a table, not -0.
func TestLinesOfNothing(t *testing.T) {
	for _, l := range (Month{}).Lines() {
		if math.Signbit(l.Amount) {
			t.Errorf("%s is %g", l.Name, l.Amount)
		}
	}
	if l := (Month{Machine: 2}).Lines()[1]; l.Amount != -2 {
		t.Errorf("a cost of 2 is %g", l.Amount)
	}
}

func TestRefuses(t *testing.T) {
	good, c := worked()
	for want, change := range map[string]func(map[string]Range){
		"wage_per_hour is not known":   func(a map[string]Range) { delete(a, WagePerHour) },
		"handled_share can't be":       func(a map[string]Range) { a[HandledShare] = Range{0, 0.5, 1.5} },
		"setup_cost can't be 3":        func(a map[string]Range) { a[SetupCost] = Range{3, 2, 1} },
		"clips_per_hour can't be zero": func(a map[string]Range) { a[ClipsPerHour] = Range{0, 1, 1} },
		"no assumption":                func(a map[string]Range) { a["luck"] = Exactly(1) },
		"error_cost can't be NaN":      func(a map[string]Range) { a[ErrorCost] = Exactly(math.NaN()) },
	} {
		assumed := maps.Clone(good)
		change(assumed)
		if _, err := Compute(assumed, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", want, err)
		}
	}
	if _, err := Compute(good, Confusion{}); err == nil {
		t.Error("a return without a test")
	}
}
