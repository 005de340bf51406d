package probe

import (
	"math"
	"slices"

	"framepilot/internal/words"
)

// scaleParam is the name of the setting that multiplies logits.
const scaleParam = "scale"

// report writes down how the settings of candidate best came by their values.
// where says which clips they were judged on, or why none were.
func (l *ladder) report(best int, verdicts []verdict, rung Rung, where words.Sentence) selection {
	t := l.tuning
	s := selection{candidate: t.Grid[best], scale: verdicts[best].scale, held: verdicts[best].held}
	rule := map[Rung]Rule{L0: RuleFixed, L1: RuleLOO, L2: RuleCV, L3: RuleValidation}[rung]
	write := func(param string, value float64, reason words.Sentence, candidates []Candidate) {
		c := Choice{Param: param, Value: value, Rung: rung, Rule: rule, Reason: reason.String(), Said: reason, Candidates: candidates}
		if f := l.fixed[param]; f.given {
			c = Choice{Param: param, Value: value, Rung: Given, Rule: RuleGiven, Reason: setByUser}
		} else if f.value != 0 {
			c = Choice{Param: param, Value: value, Rung: L0, Rule: RuleFixed, Reason: "the default"}
		}
		s.choices = append(s.choices, c)
	}

	for j, param := range t.Params {
		if rung == L0 {
			write(param, s.candidate[j], where, nil)
			continue
		}
		reason := words.Say("strongest prior within 1 %% of the least negative log-likelihood, %.4g, %s", least(verdicts), where)
		if best == len(t.Grid)-1 {
			reason = words.Say("%s; no weaker prior was tried", reason)
		}
		write(param, s.candidate[j], reason, t.tried(j, verdicts))
	}
	if t.Scale != 0 {
		reason := words.Say("likeliest factor on the logits, %s", where)
		switch {
		case rung == L0:
			reason = where
		case verdicts[best].tied:
			reason = words.Say(allTie)
		}
		write(scaleParam, s.scale, reason, nil)
	}
	return s
}

// least is the negative log-likelihood of the best candidate.
func least(verdicts []verdict) float64 {
	nll := math.Inf(1)
	for _, v := range verdicts {
		if v.tried {
			nll = min(nll, v.nll)
		}
	}
	return nll
}

// strongest is the first candidate that ties with the best.
func strongest(verdicts []verdict) int {
	limit := least(verdicts) * (1 + tieNLL)
	return slices.IndexFunc(verdicts, func(v verdict) bool { return v.tried && v.nll <= limit })
}

// tried lists the values of setting j that were tried, in the order of the
// grid, each with the best that any candidate with it reached.
func (t Tuning) tried(j int, verdicts []verdict) []Candidate {
	var list []Candidate
	for i, v := range verdicts {
		if !v.tried {
			continue
		}
		value := t.Grid[i][j]
		at := slices.IndexFunc(list, func(c Candidate) bool { return c.Value == value })
		if at < 0 {
			list = append(list, Candidate{value, v.nll})
		} else {
			list[at].NLL = min(list[at].NLL, v.nll)
		}
	}
	return list
}
