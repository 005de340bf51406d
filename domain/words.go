package domain

import (
	"fmt"
	"strings"

	"framepilot/internal/lang"
)

// id is the verdict's name in the catalogue of messages.
func (v Verdict) id() string {
	return map[Verdict]string{ShiftNone: "same", ShiftMix: "mix", ShiftLook: "look", ShiftBoth: "both", ShiftUnknown: "unknown"}[v]
}

// Words puts what Diagnose found into sentences.
func (r Report) Words(l lang.Language) []string {
	out := []string{l.Text("shift.verdict."+r.Verdict.id(), lang.Args{"Source": r.SourceGroups, "Target": r.TargetGroups})}
	shares := 0
	if r.Verdict == ShiftMix || r.Verdict == ShiftBoth {
		for c, i := range r.EMIntervals {
			if before := r.SourcePrior[c]; before < i[0] || before > i[1] {
				shares++
				out = append(out, l.Text("shift.share", lang.Args{
					"Class": r.Classes[c], "Before": percent(before), "Now": percent(r.EMPrior[c]), "Low": percent(i[0]), "High": percent(i[1]),
				}))
			}
		}
	}
	if r.Verdict == ShiftBoth && shares > 0 {
		out = append(out, l.Text("shift.share_doubt"))
	}
	if e := r.EstimatedAccuracy; e != nil {
		out = append(out, l.Text("shift.expected", ends(*e)))
	} else {
		out = append(out, l.Text("shift.no_classifier"))
	}
	if len(r.Tried) > 0 {
		out = append(out, l.Text("shift.tried", lang.Args{"List": r.tried(l)}))
		if r.Suggested != "" {
			out = append(out, l.Text("shift.suggest", lang.Args{"Method": r.Suggested, "What": l.Text("shift.method." + r.Suggested)}))
		} else {
			out = append(out, l.Text("shift.no_suggestion"))
		}
	}
	return append(out, l.Text("shift.confirm", lang.Args{"Clips": r.ClipsToConfirm}))
}

// tried lists the methods and what they promise.
func (r Report) tried(l lang.Language) string {
	var list []string
	for _, t := range r.Tried {
		switch {
		case !t.Accepted:
			list = append(list, l.Text("shift.tried_refused", lang.Args{"Method": t.Method, "Reason": l.Text("shift.reason." + t.refused)}))
		case t.EstimatedAccuracy != nil:
			args := ends(*t.EstimatedAccuracy)
			args["Method"] = t.Method
			list = append(list, l.Text("shift.tried_expected", args))
		default:
			list = append(list, l.Text("shift.tried_unknown", lang.Args{"Method": t.Method}))
		}
	}
	if l == lang.Japanese {
		return strings.Join(list, "、")
	}
	return strings.Join(list, ", ")
}

// Drift is one line for a log: what has drifted since the source's clips;
// empty where nothing has.
func (r Report) Drift(l lang.Language) string {
	if !r.Drifted() {
		return ""
	}
	p := min(r.MMDP, r.C2STP)
	if r.Verdict == ShiftMix {
		p = *r.LabelShiftP
	}
	expected := l.Text("shift.not_known")
	if e := r.EstimatedAccuracy; e != nil {
		expected = l.Text("shift.range", ends(*e))
	}
	return l.Text("shift.drifted", lang.Args{
		"What": l.Text("shift.drift_" + r.Verdict.id()), "P": fmt.Sprintf("%.3g", p), "Clips": r.TargetClips, "Target": r.TargetGroups, "Expected": expected,
	})
}

func ends(e [2]float64) lang.Args { return lang.Args{"Low": percent(e[0]), "High": percent(e[1])} }

func percent(v float64) string { return fmt.Sprintf("%.0f", 100*v) }
