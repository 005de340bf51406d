package report

import (
	"slices"

	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// buildDoubts is nil where no test clip is in doubt and none was left out.
func buildDoubts(d pilot.Dossier, r Results, byKey map[string]pilot.Result) *Doubts {
	out := &Doubts{Clips: []Doubted{}, Effects: []Effect{}}
	var doubts []pilot.Entry
	if d.Board != nil {
		doubts = d.Board.Doubts
	}
	tested := map[string]pilot.Clip{}
	for _, c := range d.Record.Clips {
		tested[c.ID] = c
	}
	var here []pilot.Entry // about clips of this run
	for _, e := range doubts {
		if c, ok := tested[e.Doubt.Clip]; ok && c.Split == "test" {
			here = append(here, e)
			out.Clips = append(out.Clips, Doubted{c.ID, c.Site, c.Class, e.Doubt.Shows, e.Doubt.Reason, e.By, e.At})
		}
	}
	for _, key := range restOn(d, r) {
		result, ok := byKey[key]
		if !ok || len(here) == 0 {
			continue
		}
		s, wrong, right, err := pilot.WithoutDoubts(d.Record, result, here)
		if err != nil || wrong+right == 0 {
			continue // all of it is in doubt, or nothing of it
		}
		all, err := result.Standing(d.Record)
		if err != nil {
			continue
		}
		out.Effects = append(out.Effects, Effect{
			Key: key, Site: result.Site, Recipe: result.Recipe(), Wrong: wrong, Right: right,
			With: all.Value, N: all.N, Without: s.Value, NWithout: s.N,
			Interval: ends(all), Other: ends(s),
		})
	}
	for _, h := range r.Headlines {
		result := byKey[h.Best.Typical]
		l := LeftOut{Site: h.Site, N: len(result.Predictions), Now: share(result), Several: result.Several()}
		for _, c := range d.Left {
			if c.Site != h.Site {
				continue
			}
			l.Clips++
			if slices.ContainsFunc(doubts, func(e pilot.Entry) bool { return e.Doubt.Clip == c.ID }) {
				l.Doubted++
			}
		}
		if l.Clips > 0 && l.N > 0 {
			if l.Least = l.Now * float64(l.N) / float64(l.N+l.Clips); l.Several {
				l.Now, l.Least = 0, 0
			}
			out.Left = append(out.Left, l)
		}
	}
	if len(out.Clips)+len(out.Left) == 0 {
		return nil
	}
	return out
}

// ends is the interval of where a result stands.
func ends(s pilot.Standing) Interval {
	return Interval{readingKind(gate.Reading{Interval: s.Interval, Confidence: s.Confidence}), s.Low, s.High}
}

// restOn are the keys of the results that gates were held against and that
// headlines show.
func restOn(d pilot.Dossier, r Results) []string {
	var keys []string
	add := func(key string) {
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if d.Board != nil {
		for _, g := range d.Board.Gates {
			if n := len(g.Checks); n > 0 && g.Checks[n-1].Check.Run == d.Record.Run.ID {
				add(g.Checks[n-1].Check.Result)
			}
		}
	}
	for _, h := range r.Headlines {
		add(h.Best.Typical)
	}
	return keys
}

// share is how many clips a result got right of all it judged; 0 of none.
func share(r pilot.Result) float64 {
	right := 0
	for _, p := range r.Predictions {
		if p.Correct {
			right++
		}
	}
	return float64(right) / float64(max(1, len(r.Predictions)))
}

// doubtSection says what was held against test clips, and that it changes no
// number.
func (w words) doubtSection(d *Doubts) section {
	s := section{ID: "doubts", Title: w.say("doubts.title")}
	if d == nil {
		return s
	}
	if len(d.Clips) > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("doubts.about", args{"Count": len(d.Clips)})})
	}
	if len(d.Effects) > 0 {
		t := &table{Caption: w.say("doubts.effects"), Head: w.columns("site", "method", ">clips", ">all_clips", ">without_doubts", ">doubted_wrong")}
		for _, e := range d.Effects {
			t.Rows = append(t.Rows, row{Head: name(e.Site), Cells: []cell{{Text: name(e.Recipe)}, {Text: w.say("doubts.of", args{"N": e.NWithout, "All": e.N})},
				{w.figure(e.With, e.N, ""), w.interval(e.Interval, "")}, {w.figure(e.Without, e.NWithout, ""), w.interval(e.Other, "")},
				{Text: w.say("number.of", args{"K": e.Wrong, "N": e.Wrong + e.Right})}}})
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	for _, l := range d.Left {
		id := "doubts.left"
		if l.Several {
			id = "doubts.left_several"
		}
		s.Blocks = append(s.Blocks, block{Caution: w.say(id, args{
			"Count": l.Clips, "Site": name(l.Site), "Doubted": l.Doubted, "Now": percent(l.Now), "Least": percent(l.Least),
		})})
	}
	if len(d.Clips) == 0 {
		return s
	}
	t := &table{Wide: true, Caption: w.say("doubts.clips"), Head: w.columns("clip", "site", "is", "shows", "why", "who", "when")}
	for _, c := range d.Clips[:min(len(d.Clips), maxListed)] {
		t.Rows = append(t.Rows, row{Head: name(c.Clip), Cells: []cell{{Text: orDash(c.Site)}, {Text: orDash(c.Class)}, {Text: orDash(c.Shows)},
			{Text: name(c.Reason)}, {Text: name(c.By)}, {Text: day(c.At)}}})
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	if more := len(d.Clips) - maxListed; more > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("failures.more", args{"N": more})})
	}
	return s
}
