package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"framepilot/internal/stat"
	"framepilot/pilot"
)

// buildTasks arranges results as methods by sites and summarises draws.
func buildTasks(results []pilot.Result) []Task {
	tasks := []Task{}
	for _, name := range []string{pilot.Classification, pilot.Retrieval} {
		var mine []pilot.Result
		for _, r := range results {
			if r.Task == name {
				mine = append(mine, r)
			}
		}
		if len(mine) > 0 {
			tasks = append(tasks, buildTask(name, mine))
		}
	}
	return tasks
}

func buildTask(name string, results []pilot.Result) Task {
	t := Task{Name: name, Sites: buildSites(results)}
	slices.SortStableFunc(results, compareRows)
	for len(results) > 0 {
		first := results[0]
		end := slices.IndexFunc(results, func(r pilot.Result) bool { return compareRows(first, r) != 0 })
		if end < 0 {
			end = len(results)
		}
		row := Row{Method: first.Method, Label: first.Label, Prompts: first.Prompts, TrainSite: first.TrainSite, Shots: first.Shots}
		for _, site := range t.Sites {
			row.Cells = append(row.Cells, buildCell(results[:end], site.Name))
		}
		for _, r := range results[:end] {
			for _, m := range r.Metrics {
				if !slices.Contains(t.Metrics, m.Name) {
					t.Metrics = append(t.Metrics, m.Name)
				}
			}
		}
		t.Rows = append(t.Rows, row)
		results = results[end:]
	}
	return t
}

// compareRows orders results by row: zero-shot first, then by method, and by
// shots from few to all. Draws and sites of one row compare equal.
func compareRows(a, b pilot.Result) int {
	return cmp.Or(
		strings.Compare(a.Task, b.Task),
		cmp.Compare(labels(a), labels(b)),
		strings.Compare(a.Method, b.Method),
		strings.Compare(a.Prompts, b.Prompts),
		strings.Compare(a.TrainSite, b.TrainSite),
		cmp.Compare(shotRank(a.Shots), shotRank(b.Shots)),
		strings.Compare(a.Label, b.Label),
	)
}

// labels is 0 for what needs none, else 1.
func labels(r pilot.Result) int {
	if r.Method == pilot.ZeroShot {
		return 0
	}
	return 1
}

// shotRank puts all labelled clips, which is shots 0, after any number.
func shotRank(shots int) int {
	if shots == 0 {
		return math.MaxInt
	}
	return shots
}

func buildSites(results []pilot.Result) []Site {
	var sites []Site
	for _, r := range results {
		n, c := r.Metrics[0].N, len(r.Classes)
		i := slices.IndexFunc(sites, func(s Site) bool { return s.Name == r.Site })
		if i < 0 {
			sites = append(sites, Site{r.Site, n, c})
			continue
		}
		if sites[i].Clips != n {
			sites[i].Clips = 0
		}
		if sites[i].Classes != c {
			sites[i].Classes = 0
		}
	}
	slices.SortFunc(sites, func(a, b Site) int { return strings.Compare(a.Name, b.Name) })
	return sites
}

// buildCell summarises the draws of one row on one site.
func buildCell(row []pilot.Result, site string) Cell {
	var draws []pilot.Result
	for _, r := range row {
		if r.Site == site {
			draws = append(draws, r)
		}
	}
	if len(draws) == 0 {
		return Cell{}
	}
	slices.SortStableFunc(draws, func(a, b pilot.Result) int { return cmp.Compare(a.Draw, b.Draw) })
	cell := Cell{Draws: len(draws)}
	for _, m := range draws[0].Metrics {
		cell.Metrics = append(cell.Metrics, summarise(m.Name, draws))
	}
	primary := draws[0].Metrics[0].Name
	slices.SortStableFunc(draws, func(a, b pilot.Result) int {
		return cmp.Compare(value(a, primary), value(b, primary))
	})
	cell.Typical = draws[(len(draws)-1)/2].Key
	return cell
}

func summarise(name string, draws []pilot.Result) Summary {
	s := Summary{Name: name, N: -1}
	for _, d := range draws {
		i := slices.IndexFunc(d.Metrics, func(m pilot.Metric) bool { return m.Name == name })
		if i < 0 {
			continue
		}
		m := d.Metrics[i]
		s.Values = append(s.Values, m.Value)
		s.Unit, s.Interval = m.Unit, interval(m)
		if s.N >= 0 && s.N != m.N {
			s.N = 0
		} else {
			s.N = m.N
		}
	}
	if len(s.Values) > 1 {
		spread := stat.NewSpread(s.Values)
		s.Interval, s.SD = nil, spread.SD
		if slices.Contains(higherIsBetter, name) {
			s.Worst = spread.Worst
		}
	}
	s.Min, s.Max = slices.Min(s.Values), slices.Max(s.Values)
	for _, v := range s.Values {
		s.Mean += v
	}
	s.Mean /= float64(len(s.Values))
	// A mean of equal values is that value, not a bit beside it.
	s.Mean = min(max(s.Mean, s.Min), s.Max)
	return s
}

// higherIsBetter are the metrics whose worst draws are the lowest.
var higherIsBetter = []string{"top1", "top5", "macro_recall", "macro_f1", "map", "video_map", "micro_f1"}

// value is a result's metric by name, below everything where it has none.
func value(r pilot.Result, name string) float64 {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m.Value
		}
	}
	return math.Inf(-1)
}

// metric is a cell's summary by name.
func (c Cell) metric(name string) (Summary, bool) {
	for _, m := range c.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Summary{}, false
}
