package report

import (
	"cmp"
	"slices"

	"framepilot/pilot"
)

// buildHeadlines picks, on each site, the highest row and the highest
// zero-shot row.
func buildHeadlines(tasks []Task, byKey map[string]pilot.Result) []Headline {
	out := []Headline{}
	if len(tasks) == 0 || tasks[0].Name != pilot.Classification {
		return out
	}
	t := tasks[0]
	for i, site := range t.Sites {
		h := Headline{Site: site.Name, Metric: t.Primary()}
		best := highest(t, i, func(Row) bool { h.Compared++; return true })
		zero := highest(t, i, func(r Row) bool { return r.Method == pilot.ZeroShot })
		if best < 0 {
			continue
		}
		h.Best = choose(t.Rows[best], i, t.Primary(), byKey)
		if zero >= 0 {
			z := choose(t.Rows[zero], i, t.Primary(), byKey)
			h.ZeroShot = &z
		}
		if zero >= 0 && zero != best && !byKey[h.Best.Typical].Several() { // else no clip is right or wrong by words alone
			h.Paired = pair(byKey[h.Best.Typical].Predictions, byKey[h.ZeroShot.Typical].Predictions)
		}
		out = append(out, h)
	}
	return out
}

// highest is the index of the best row measured on a site among those asked
// for, -1 where there is none. Of equals the one with fewer labels wins.
func highest(t Task, site int, ask func(Row) bool) int {
	best, bestMean := -1, 0.0
	for j, row := range t.Rows {
		s, measured := row.Cells[site].metric(t.Primary())
		if !measured || !ask(row) {
			continue
		}
		if best < 0 || s.Mean > bestMean || s.Mean == bestMean && row.cost() < t.Rows[best].cost() {
			best, bestMean = j, s.Mean
		}
	}
	return best
}

// cost orders rows by the labels they ask for.
func (r Row) cost() int {
	if r.Method == pilot.ZeroShot {
		return 0
	}
	return shotRank(r.Shots)
}

func choose(row Row, site int, metric string, byKey map[string]pilot.Result) Choice {
	cell := row.Cells[site]
	s, _ := cell.metric(metric)
	typical := byKey[cell.Typical]
	c := Choice{
		Method: row.Method, Label: row.Label, Prompts: row.Prompts, TrainSite: row.TrainSite,
		Summary: s, Typical: cell.Typical, Draw: typical.Draw,
	}
	c.Value, c.Interval = Measured(typical, metric)
	return c
}

// Measured is a metric of a result with its interval: the number of a row is
// that of its draw in the middle. Without the metric it is -Inf, and the
// interval is empty where there is none.
func Measured(r pilot.Result, metric string) (x float64, in Interval) {
	for _, m := range r.Metrics {
		if m.Name == metric && m.HasInterval {
			in = *interval(m)
		}
	}
	return value(r, metric), in
}

// pair compares two lists of predictions clip by clip; nil where they share no
// clip.
func pair(best, zero []pilot.Prediction) *Paired {
	right := make(map[string]bool, len(zero))
	for _, p := range zero {
		right[p.Clip] = p.Correct
	}
	var out Paired
	for _, p := range best {
		z, known := right[p.Clip]
		switch {
		case !known:
		case p.Correct && z:
			out.Both++
		case p.Correct:
			out.OnlyBest++
		case z:
			out.OnlyZero++
		default:
			out.Neither++
		}
	}
	if out == (Paired{}) {
		return nil
	}
	return &out
}

// What a reader can take in; the rest is in the JSON.
const (
	maxConfused = 8
	maxMistakes = 12
)

// buildDetails looks into the typical draw behind each headline.
func buildDetails(headlines []Headline, byKey map[string]pilot.Result) []Detail {
	out := []Detail{}
	for _, h := range headlines {
		r := byKey[h.Best.Typical]
		d := Detail{
			Site: h.Site, Key: r.Key, Label: r.Label, Draw: r.Draw, Draws: len(h.Best.Summary.Values),
			PerClass: worstFirst(r.PerClass), PerLabel: worstLabelFirst(r.PerLabel), Classes: r.Classes, Confusion: r.Confusion,
			Confused: confused(r), Mistakes: mistakes(r.Predictions), Typical: typicalFailures(r),
		}
		if len(d.PerClass)+len(d.PerLabel)+len(d.Confusion)+len(d.Mistakes) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func worstFirst(scores []pilot.ClassScore) []ClassScore {
	out := classScores(scores)
	slices.SortStableFunc(out, func(a, b ClassScore) int {
		if (a.N == 0) != (b.N == 0) { // nothing is known of a class without clips
			return cmp.Compare(b.N, a.N)
		}
		return cmp.Or(cmp.Compare(a.Recall, b.Recall), cmp.Compare(b.N, a.N))
	})
	return out
}

func worstLabelFirst(scores []pilot.LabelScore) []LabelScore {
	out := labelScores(scores)
	slices.SortStableFunc(out, func(a, b LabelScore) int {
		return cmp.Or(cmp.Compare(a.AP, b.AP), cmp.Compare(b.N, a.N))
	})
	return out
}

func confused(r pilot.Result) []Confused {
	out := []Confused{}
	for i, row := range r.Confusion {
		of := 0
		for _, n := range row {
			of += n
		}
		for j, n := range row {
			if i != j && n > 0 {
				out = append(out, Confused{r.Classes[i], r.Classes[j], n, of})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Confused) int { return cmp.Compare(b.N, a.N) })
	return out[:min(len(out), maxConfused)]
}

func mistakes(list []pilot.Prediction) []Prediction {
	out := []Prediction{}
	for _, p := range list {
		if p.Mistaken() {
			out = append(out, Prediction(p))
		}
	}
	slices.SortStableFunc(out, moreConfident)
	return out[:min(len(out), maxMistakes)]
}
