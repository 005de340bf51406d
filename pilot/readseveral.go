package pilot

import (
	"fmt"
	"slices"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/probe"
)

// readSeveral fills in the number of a result whose clips may be of several
// classes.
func readSeveral(c gate.Criterion, m gate.Metric, rec Record, r Result, reading gate.Reading) (gate.Reading, error) {
	s, err := RescoreSeveral(rec, r, reading.Confidence)
	if err != nil {
		return gate.Reading{}, err
	}
	switch m.Name {
	case "map":
		return taken(reading, s.MAP, s.Low, s.High, s.Method), nil
	case "map_gain":
		base, err := zeroShotBeside(rec, r)
		if err != nil {
			return gate.Reading{}, err
		}
		b, err := RescoreSeveral(rec, base, reading.Confidence)
		if err != nil {
			return gate.Reading{}, err
		}
		d, err := probe.CompareMulti([]probe.MultiScore{s}, []probe.MultiScore{b}, 0)
		if err != nil {
			return gate.Reading{}, err
		}
		return taken(reading, d.Difference, d.Low, d.High, d.Method), nil
	}
	if !s.Said {
		return gate.Reading{}, fault.New(fault.Usage, "hold it against a recipe that learns from labels, or propose a gate on map",
			"%s ranks clips and has no thresholds, so that there is no %s", r.Recipe(), m.Name)
	}
	switch m.Name {
	case "macro_f1":
		return taken(reading, s.F1.Value, s.F1.Low, s.F1.High, s.F1.Method), nil
	case "micro_f1":
		return taken(reading, s.MicroF1.Value, s.MicroF1.Low, s.MicroF1.High, s.MicroF1.Method), nil
	case "recall", "precision":
		rate, groups := ofTag(s.Predictions, slices.Index(s.Classes, c.Class), m.Name == "precision", reading.Confidence)
		return ofOneClass(c, m, reading, rate, groups)
	}
	return gate.Reading{}, fmt.Errorf("metric %s has no reading", m.Name)
}

// ofTag is ofClass where a clip may be of several classes.
func ofTag(predictions []probe.MultiPrediction, class int, precision bool, conf float64) (rate probe.Rate, groups int) {
	var hits []bool
	var names []string
	for _, p := range predictions {
		is, said := slices.Contains(p.Of, class), slices.Contains(p.Said, class)
		if precision && said || !precision && is {
			hits, names = append(hits, is && said), append(names, p.Group)
		}
	}
	_, groups = probe.NumberGroups(names, len(names))
	return probe.ShareOf(hits, names, conf), groups
}
