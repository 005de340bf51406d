package adapt

import (
	"context"
	"strconv"

	"framepilot/domain"
	"framepilot/probe"
)

// forSite says whether the method takes a classifier to a new site.
func (m Method) forSite() bool {
	_, err := domain.FindMethod(m.Name)
	return err == nil
}

// learner names the method that makes the classifier: the method itself, or
// the one whose classifier it takes to a new site.
func (m Method) learner() string {
	if m.forSite() {
		return m.Base
	}
	return m.Name
}

// defaultBase makes the classifiers that are taken to new sites.
const defaultBase = "logistic"

// newSite is a site nothing is learned from, as far as it may be known.
type newSite struct {
	name  string
	clips probe.Features // without labels
	apart bool           // none of them is of a recording that is tested on
}

// move is how an experiment takes the classifier of another one to a new site.
type move struct {
	by     domain.Method
	base   *experiment
	to     newSite
	seed   uint64
	sets   probe.ConformalOptions // of the base
	result *domain.Adapted        // once it is made
}

// method is the move as a method like others, so that what it makes is fitted,
// scored and kept like theirs.
func (m *move) method() probe.Method {
	return probe.Method{Name: m.by.Name, Summary: m.by.Summary, Params: m.by.Params, Page: m.by.Page, Fit: m.fit}
}

// fit takes the base's classifier to the site. Clips mapped into the space of
// the training sites leave the base's held-out posteriors, and what is set on
// them, as good as they were.
func (m *move) fit(ctx context.Context, train probe.Features, settings probe.Settings) (probe.Fitted, error) {
	base, err := m.base.fit(ctx, m.sets)
	if err != nil {
		return probe.Fitted{}, err
	}
	given := map[string]string{}
	for name, value := range settings {
		given[name] = strconv.FormatFloat(value, 'g', -1, 64)
	}
	adapted, err := m.by.Run(ctx, siteTask(m.base, base, train, m.to.clips, m.seed), given)
	if err != nil {
		return probe.Fitted{}, err
	}
	m.result = &adapted
	fitted := adapted.Fitted
	if adapted.Map != nil {
		fitted.HeldOut, fitted.Refit = base.HeldOut, base.Refit
	}
	fitted.Choices = append(append([]probe.Choice{}, base.Choices...), fitted.Choices...)
	if g := adapted.Gate; g != nil {
		open := 0.0
		if g.Accepted {
			open = 1
		}
		fitted.Choices = append(fitted.Choices, probe.Choice{Param: "safety gate", Value: open, Rule: domain.RuleUnlabelled, Reason: g.Reason})
	}
	return fitted, nil
}

// siteTask is a classifier, made by an experiment on training clips, before
// the clips of a new site.
func siteTask(e *experiment, made fit, train, target probe.Features, seed uint64) domain.Task {
	return domain.Task{
		Source: train, Base: made.Classifier, Held: made.HeldOut.Logits, Judged: made.HeldOut.Rows,
		Plain: e.method.Name == ZeroShot, Target: domain.Unlabelled(target), Seed: seed,
	}
}

// source are the clips of the training sites that a classifier can be judged
// by: those it learned from; all of them where it learned from none.
func (e *experiment) source(train probe.Features, text map[string]probe.Matrix) probe.Features {
	if e.method.Name != ZeroShot {
		return e.train
	}
	train.Text = text[e.prompts]
	return e.sees(train)
}

// movesOf are the experiments of a method for new sites: each classifier of
// its base at each site. train are all training clips, with every prompt set's
// words in text.
func (p Plan) movesOf(m Method, bases []*experiment, train probe.Features, text map[string]probe.Matrix, sites []newSite) ([]*experiment, error) {
	by, err := domain.FindMethod(m.Name)
	if err != nil {
		return nil, err
	}
	var list []*experiment
	for _, site := range sites {
		if !m.goesTo(site.name) {
			continue
		}
		for _, base := range bases {
			there := newSite{site.name, base.sees(site.clips), site.apart}
			to := &move{by: by, base: base, to: there, seed: p.derived("sites")[0], sets: p.Test.sets()}
			source := base.source(train, text)
			method := to.method()
			method.Frames = base.method.Frames
			list = append(list, &experiment{
				method: method, settings: m.settings(), given: settingsText(m.settings()), prompts: base.prompts,
				shots: base.shots, draw: base.draw, train: source, move: to,
			})
		}
	}
	return list, nil
}
