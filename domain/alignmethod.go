package domain

import (
	"context"
	"fmt"

	"framepilot/probe"
)

func alignMethod(name, summary string, fit Aligner) Method {
	params := []probe.Param{
		{Name: "strength", Doc: "how far clips are moved, 0 to 1; -1: chosen of 0, 0.25, 0.5 and 1 without the new site's labels", Default: unset, Low: 0, High: 1},
		{Name: "reweight", Doc: "1: source clips count by the estimated mix of classes, so that another mix is not taken for another look; 0: alike; -1: chosen with the strength", Default: unset, Low: 0, High: 1, Whole: true},
		{Name: "renormalise", Doc: "1: mapped clips get unit length; 0: they keep what the map gives", Default: 1, Low: 0, High: 1, Whole: true},
	}
	if name != "center" {
		params = append(params, probe.Param{Name: "shrinkage", Doc: "s in S + s tr(S)/d I; 0: Ledoit and Wolf's", Low: 0, High: 1e3})
	}
	return Method{Name: name, Summary: summary, Params: params, fit: func(_ context.Context, s state, settings probe.Settings) (Adapted, error) {
		var maps []*Map
		var weighted []bool
		for _, reweight := range []float64{0, 1} {
			if settings["reweight"] != unset && settings["reweight"] != reweight {
				continue
			}
			o := AlignOptions{Shrinkage: settings["shrinkage"], KeepLength: settings["renormalise"] == 0}
			if reweight == 1 {
				o.Weights = s.clipWeights()
			}
			m, err := fit(s.task.Source.X, s.task.Target.X, o)
			if err != nil {
				return Adapted{}, err
			}
			for _, strength := range strengths {
				if given := settings["strength"]; given != unset {
					strength = given
				}
				maps = append(maps, m.At(strength))
				weighted = append(weighted, reweight == 1)
				if settings["strength"] != unset {
					break
				}
			}
		}
		return s.aligned(maps, weighted, settings)
	}}
}

// strengths are tried from none to full.
var strengths = []float64{0, 0.25, 0.5, 1}

// tie is how much more score a candidate must have than those before it:
// differences of half a clip in a hundred are noise.
const tie = 0.005

// aligned takes the map with the best score.
func (s state) aligned(maps []*Map, weighted []bool, settings probe.Settings) (Adapted, error) {
	best := 0
	rule, reason := probe.RuleGiven, "set by the user"
	switch {
	case len(maps) > 1 && len(s.source.labelled().Labels) == 0:
		best = len(strengths) - 1
		if settings["strength"] != unset {
			best = 0
		}
		rule, reason = probe.RuleFixed, "no source clip has a label to choose by"
	case len(maps) > 1:
		scores := make([]float64, len(maps))
		var err error
		for i, m := range maps {
			if scores[i], err = s.score(m.Apply(s.task.Target.X), s.task.Base); err != nil {
				return Adapted{}, err
			}
			if scores[i] > scores[best]+tie {
				best = i
			}
		}
		rule = RuleUnlabelled
		reason = fmt.Sprintf("score %.1f %% of %d maps tried, the first tried %.1f %%", 100*scores[best], len(maps), 100*scores[0])
	}
	a := Adapted{Map: maps[best]}
	a.Classifier = a.Map.Before(s.task.Base)
	reweight := 0.0
	if weighted[best] {
		reweight = 1
	}
	for _, c := range []probe.Choice{{Param: "strength", Value: a.Map.Strength}, {Param: "reweight", Value: reweight}} {
		c.Rule, c.Reason = rule, reason
		if settings[c.Param] != unset {
			c.Rule, c.Reason = probe.RuleGiven, "set by the user"
		}
		a.Choices = append(a.Choices, c)
	}
	var err error
	a.Expected, err = s.expect(a.Map.Apply(s.task.Target.X), s.judge(a.Classifier), s.mix.ClassWeights())
	return a, err
}
