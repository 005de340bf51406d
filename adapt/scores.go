package adapt

import (
	"fmt"
	"slices"
	"strconv"

	"framepilot/pilot"
	"framepilot/probe"
)

// withScore fills a result with what a classifier was worth.
func withScore(r pilot.Result, s probe.Score) pilot.Result {
	r.Look, r.Agreed = s.Looks, s.Agreed
	r.Metrics = []pilot.Metric{rate("top1", s.Top1, s.Confidence)}
	if s.TopK < len(s.Classes) { // else it is always right
		r.Metrics = append(r.Metrics, rate(fmt.Sprintf("top%d", s.TopK), s.Top5, s.Confidence))
	}
	if s.Video != nil && s.Video.N > 0 {
		r.Metrics = append(r.Metrics, rate("video_top1", s.Video.Top1, s.Confidence))
	}
	r.Metrics = append(r.Metrics, macro("macro_recall", s.Recall, s.N, s.Confidence), macro("macro_f1", s.F1, s.N, s.Confidence))
	r.Metrics = append(r.Metrics, calibration("", s)...)
	r.Metrics = append(r.Metrics, pilot.Metric{Name: "aurc", Value: s.Calibration.AURC, N: s.N})
	r.Classes, r.Confusion = s.Classes, s.Confusion
	for _, c := range s.PerClass {
		if c.Recall.N == 0 {
			continue // nothing was measured
		}
		r.PerClass = append(r.PerClass, pilot.ClassScore{
			Class: c.Class, N: c.Recall.N, Correct: c.Recall.K, Recall: c.Recall.Value,
			Low: c.Recall.Low, High: c.Recall.High, Interval: kind(c.Recall.Method, s.Confidence),
		})
	}
	for _, p := range s.Predictions {
		kept := pilot.Prediction{Clip: p.ID, Truth: s.Classes[p.Label], Predicted: s.Classes[p.Predicted], P: p.P, Correct: p.Rank == 1}
		for _, g := range p.Next {
			kept.Next = append(kept.Next, pilot.Guess{Class: s.Classes[g.Class], P: g.P})
		}
		r.Predictions = append(r.Predictions, kept)
	}
	return r
}

// withMultiScore is withScore for clips that may be of several classes: mean
// average precision, F1 at the thresholds where there are any, both of each
// class, and what was said of each clip.
func withMultiScore(r pilot.Result, s probe.MultiScore) pilot.Result {
	r.Look, r.Agreed, r.Classes = s.Looks, s.Agreed, s.Classes
	r.Metrics = []pilot.Metric{macro("map", probe.Macro{Value: s.MAP, Low: s.Low, High: s.High, Method: s.Method}, s.N, s.Confidence)}
	if v := s.Video; v != nil {
		r.Metrics = append(r.Metrics, macro("video_map", probe.Macro{Value: v.MAP, Low: v.Low, High: v.High, Method: v.Method}, v.N, s.Confidence))
	}
	if s.Said {
		r.Metrics = append(r.Metrics, macro("macro_f1", s.F1, s.N, s.Confidence), macro("micro_f1", s.MicroF1, s.N, s.Confidence))
	}
	for _, c := range s.PerClass {
		if !c.Measured {
			continue
		}
		one := pilot.LabelScore{
			Class: c.Class, N: c.Clips, AP: c.AP, APLow: c.Low, APHigh: c.High, Interval: kind(c.Method, s.Confidence),
		}
		if s.Said {
			one.HasThreshold, one.Threshold, one.Said, one.Correct = true, probe.Sigmoid(c.Threshold), c.Said, c.Right
			one.F1, one.F1Low, one.F1High = c.F1.Value, c.F1.Low, c.F1.High
		}
		r.PerLabel = append(r.PerLabel, one)
	}
	for _, p := range s.Predictions {
		kept := pilot.Prediction{Clip: p.ID, Truth: tagged(s.Classes, p.Of), Scores: p.Z}
		if s.Said {
			kept.Predicted, kept.Correct, kept.P = tagged(s.Classes, p.Said), p.Right(), 1
			for c, z := range p.Z {
				if !slices.Contains(p.Said, c) {
					z = -z
				}
				kept.P *= probe.Sigmoid(float64(z))
			}
		}
		r.Predictions = append(r.Predictions, kept)
	}
	return r
}

// tagged names some of the classes as the ledger does.
func tagged(classes []string, of []int) string {
	var names []string
	for _, c := range of {
		names = append(names, classes[c])
	}
	return pilot.Tagged(names)
}

// choices are settings as the ledger keeps them.
func choices(list []probe.Choice) []pilot.Choice {
	var out []pilot.Choice
	for _, c := range list {
		out = append(out, pilot.Choice{
			Name: c.Name(), Value: strconv.FormatFloat(c.Value, 'g', 6, 64), Rung: string(c.Rung), Rule: string(c.Rule), Reason: c.Reason, Said: c.Said.Keep(),
		})
	}
	return out
}

// calibration tells how far posteriors can be taken at their word, under names
// that end in suffix.
func calibration(suffix string, s probe.Score) []pilot.Metric {
	c := s.Calibration
	return []pilot.Metric{
		{Name: "nll" + suffix, Unit: "nats", Value: s.NLL, N: s.N},
		{Name: "brier" + suffix, Unit: pilot.Score, Value: c.Brier.Score, N: s.N},
		{Name: "ece" + suffix, Value: c.ECE, N: s.N, HasInterval: true, Low: min(c.ECELow, c.ECE), High: max(c.ECEHigh, c.ECE),
			Interval: fmt.Sprintf("bootstrap over recordings %s", level(s.Confidence))},
	}
}

// macro is a mean over classes as the ledger keeps it.
func macro(name string, m probe.Macro, n int, conf float64) pilot.Metric {
	return pilot.Metric{Name: name, Value: m.Value, N: n, HasInterval: true, Low: m.Low, High: m.High, Interval: kind(m.Method, conf)}
}

// rate is a share of clips as the ledger keeps it.
func rate(name string, x probe.Rate, conf float64) pilot.Metric {
	return pilot.Metric{Name: name, Value: x.Value, N: x.N, HasInterval: true, Low: x.Low, High: x.High, Interval: kind(x.Method, conf)}
}

// kind says what an interval is.
func kind(m probe.IntervalMethod, conf float64) string {
	name := map[probe.IntervalMethod]string{
		probe.IntervalClips:     "Wilson",
		probe.IntervalBootstrap: "bootstrap over recordings",
		probe.IntervalGroups:    "Wilson over recordings",
		probe.IntervalBCa:       "BCa bootstrap over recordings",
	}[m]
	return name + " " + level(conf)
}

// level is "95 %", with the digits that more looks ask for.
func level(conf float64) string { return strconv.FormatFloat(100*conf, 'g', 4, 64) + " %" }
