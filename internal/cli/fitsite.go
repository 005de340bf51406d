package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// fitSite is what `fit` reports of a method for a new site, all of it without
// the site's labels.
type fitSite struct {
	Accepted *bool       `json:"accepted"` // by the safety gate; null where the method has none
	Reason   string      `json:"reason"`
	Expected *[2]float64 `json:"expected_accuracy"` // a range; null without labels at the old site
	Orders   *fitOrders  `json:"orders"`            // of online methods
}

// fitOrders is how much answers depend on the order clips came in.
type fitOrders struct {
	Draws   int     `json:"draws"`
	Changed float64 `json:"changed"` // mean share of answers that differ from the usual ones
	Worst   float64 `json:"worst"`   // the same over the worst tenth of the orders
}

// fitForSite takes a classifier made with train to the target.
func (a *app) fitForSite(ctx context.Context, m domain.Method, base string, train, target probe.Features, given map[string]string) (probe.Fitted, *fitSite, error) {
	if target.X.Cols != train.X.Cols {
		return probe.Fitted{}, nil, fault.New(fault.Input, "both must come from one model", "fit: training clips of width %d, target clips of %d", train.X.Cols, target.X.Cols)
	}
	task, made, err := siteTask(ctx, base, train, target)
	if err != nil {
		return probe.Fitted{}, nil, err
	}
	if task.Base == nil {
		return probe.Fitted{}, nil, fault.New(fault.Input, "give --train a file with labels or text prototypes", "%s: there is no classifier to take to the new site", m.Name)
	}
	adapted, err := m.Run(ctx, task, given)
	if err != nil {
		return probe.Fitted{}, nil, err
	}
	site := &fitSite{}
	if g := adapted.Gate; g != nil {
		site.Accepted, site.Reason = &g.Accepted, g.Reason
	}
	if e := adapted.Expected; len(e.Estimators) > 0 {
		site.Expected = &[2]float64{e.Low, e.High}
	}
	if o := adapted.Orders; o != nil {
		site.Orders = &fitOrders{o.Draws, o.Changed, o.Worst}
	}
	if adapted.Map != nil { // what is said of the old site stays as good as it was
		adapted.HeldOut, adapted.Refit = made.HeldOut, made.Refit
	}
	adapted.Choices = slices.Concat(made.Choices, adapted.Choices) // as a run has them
	return adapted.Fitted, site, nil
}

func (s fitSite) text(w io.Writer) {
	switch {
	case s.Accepted == nil:
	case *s.Accepted:
		fmt.Fprintf(w, "passed the safety gate: %s\n", s.Reason)
	default:
		fmt.Fprintf(w, "refused by the safety gate, answers are those without it: %s\n", s.Reason)
	}
	if o := s.Orders; o != nil {
		fmt.Fprintf(w, "over %d orders of the clips %.1f %% of the answers differ from the usual ones, %.1f %% in the worst tenth of orders\n", o.Draws, 100*o.Changed, 100*o.Worst)
	}
	if e := s.Expected; e != nil {
		fmt.Fprintf(w, "without labels, %.0f to %.0f %% of the new clips are expected to be right\n", 100*e[0], 100*e[1])
	}
}
