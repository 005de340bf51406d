package adapt

import (
	"context"
	"errors"
	"slices"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
)

// tellGates warns of gates of the pilot's stage that name what this plan does
// not measure: however the run comes out, they can't be held against it. A nil
// ledger has no gates.
func (r *run) tellGates(ctx context.Context, ledger *pilot.Ledger) error {
	if ledger == nil {
		return nil
	}
	book, err := ledger.Book(ctx, r.plan.Name)
	if errors.Is(err, pilot.ErrNoPilot) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, g := range book.Blocking(book.Current()) {
		c := g.Criterion
		if !c.OnTest() || c.Recipe == "" {
			continue
		}
		measured := slices.ContainsFunc(r.data.Sites, func(site string) bool {
			_, ok := pilot.Named(r.ahead(site), c.Recipe)
			return ok && (c.Site == "" || c.Site == site)
		})
		if !measured {
			what := words.Plain(c.Recipe)
			if c.Site != "" {
				what = words.Say("%s at %s", what, c.Site)
			}
			r.warn(live.StageData, words.Say("gate %s wants %s, which this plan does not measure: it can't be held against this run; let the plan measure it", c.Name, what))
		}
	}
	return nil
}

// ahead are the results that the plan measures at a site, by their names.
func (r *run) ahead(site string) (all []pilot.Result) {
	r.eachAhead(func(e experiment, sites []string, draws int) {
		if !slices.Contains(sites, site) {
			return
		}
		for draw := range draws {
			one := pilot.Result{Label: e.label(), Prompts: e.prompts}
			if e.shots > 0 {
				one.Draw = draw + 1
			}
			all = append(all, one)
		}
	})
	return all
}
