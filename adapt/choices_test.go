package adapt

import (
	"path/filepath"
	"testing"

	"framepilot/adapt/live"
	"framepilot/model/video"
)

// What a recipe is said to take is what a dry run of its plan says, before
// anything ran and after: there is one forecast.
func TestChoicesForecastAsADryRun(t *testing.T) {
	dir, rates := newPilot(t), filepath.Join(t.TempDir(), "rates.json")
	file := filepath.Join(dir, "plan.toml")
	sites, err := FindSites(dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	d := Draft{Name: "line", Model: "tiny", Sites: sites}
	options := func(dry bool) RunOptions {
		s := newSession()
		s.opt.Reader, s.opt.Rates, s.opt.DryRun = video.NewDecoder(video.DecoderOptions{}), rates, dry
		return s.opt
	}
	look := func() map[Recipe]Choice {
		t.Helper()
		all, err := Choices(t.Context(), d, file, options(true))
		if err != nil {
			t.Fatal(err)
		}
		by := map[Recipe]Choice{}
		for _, c := range all {
			by[c.Recipe] = c
		}
		return by
	}
	carryOut := func(c Choice, dry bool) Summary {
		t.Helper()
		plan, err := ParsePlan(file, c.Plan)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Run(t.Context(), plan, options(dry))
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := look()[RecipeFewShot]
	if before.AtLeast <= 0 || before.Basis == live.BasisRuns {
		t.Errorf("before anything ran: %+v", before.Estimate)
	}
	carryOut(before, false)
	for recipe, c := range look() {
		if c.Why != "" {
			continue
		}
		want := carryOut(c, true).Cost.Estimate
		known := recipe != RecipeProbe && recipe != RecipeSite // else what no run did is tried, which takes another time each time
		if known != (c.Basis == live.BasisRuns) {
			t.Errorf("%s after a run with a few labels: %+v", recipe, c.Estimate)
		}
		if c.Bytes != want.Bytes || known && (want.Seconds == nil || *c.Seconds != *want.Seconds || c.AtLeast != want.AtLeast || c.Basis != want.Basis) {
			t.Errorf("%s takes %+v, a dry run of its plan says %+v", recipe, c.Estimate, want)
		}
	}
}
