package adapt

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"framepilot/internal/tomllines"
	"framepilot/pilot"
)

// RatesPlan is what the company pays and expects: what prices and the return
// are computed from. No result depends on it.
type RatesPlan struct {
	By       string               `toml:"by"`       // who stands for the values
	Source   string               `toml:"source"`   // where they come from
	Currency string               `toml:"currency"` // JPY, EUR, …
	Values   map[string][]float64 `toml:"values"`   // one number, or low, base, high; names are those of `pilot assume`
}

// assumptions are the values as the ledger keeps them; found says what is
// wrong with them.
func (r RatesPlan) assumptions(found *problems) []pilot.Assumption {
	var all []pilot.Assumption
	if r.Currency != "" {
		all = append(all, pilot.Assumption{Name: pilot.Currency, Text: r.Currency, Source: r.Source})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		x, err := pilot.NewAssumption(name, r.Values[name])
		if err != nil {
			found.add(tomllines.Child("rates.values", name), "%v", err)
			continue
		}
		x.Source = r.Source
		all = append(all, x)
	}
	return all
}

// assume records the plan's rates where the journal has others, or none.
func (r *run) assume(ctx context.Context) error {
	all := r.plan.Rates.assumptions(&problems{})
	if len(all) == 0 {
		return nil
	}
	book, err := r.ledger.Book(ctx, r.plan.Name)
	if err != nil {
		return err
	}
	for _, x := range all {
		if slices.ContainsFunc(book.Assumed, func(e pilot.Entry) bool { return *e.Assumption == x }) {
			continue
		}
		if _, err := r.ledger.Assume(ctx, r.plan.Name, cmp.Or(r.plan.Rates.By, "the plan"), x); err != nil {
			return err
		}
	}
	return nil
}
