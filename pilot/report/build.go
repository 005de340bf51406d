package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"framepilot/pilot"
)

// Build turns what the ledger knows of a run into a document. It depends on
// nothing else, and mistakes no draw for another: the order of the record's
// results does not matter.
func Build(dossier pilot.Dossier, o Options) Document {
	if o.Redact {
		dossier = redact(dossier)
		o.Pictures = nil
	}
	rec := dossier.Record
	results := slices.Clone(rec.Results)
	slices.SortFunc(results, func(a, b pilot.Result) int { return strings.Compare(a.Key, b.Key) })
	byKey := make(map[string]pilot.Result, len(results))
	for _, r := range results {
		byKey[r.Key] = r
	}
	tasks := buildTasks(results)
	headlines := buildHeadlines(tasks, byKey)
	d := Document{
		Schema: Schema,
		Source: newSource(dossier, o),
		Results: Results{
			Pilot:        rec.Run.Pilot,
			Question:     rec.Run.Question,
			Data:         buildData(rec, results, tasks),
			Looks:        buildLooks(results),
			Headlines:    headlines,
			Tasks:        tasks,
			Comparisons:  buildComparisons(rec.Comparisons, byKey),
			Forecasts:    buildForecasts(rec.Forecasts, byKey),
			Details:      buildDetails(headlines, byKey),
			Failures:     buildFailures(rec.Failures),
			NewSites:     buildNewSites(rec),
			Made:         buildMade(rec.Run, results),
			Measurements: buildMeasurements(results),
		},
		Changes: dossier.Since,
		Run:     buildRun(rec),
	}
	d.Case = buildCase(dossier, d.Results)
	d.Doubts = buildDoubts(dossier, d.Results, byKey)
	d.pictures = takePictures(d.Results.Details, o.Pictures)
	return d
}

// buildData counts clips by site and split.
func buildData(rec pilot.Record, results []pilot.Result, tasks []Task) Data {
	data := Data{Failed: len(rec.Failures), Splits: []Split{}, Classes: []string{}}
	for _, r := range results {
		for _, c := range r.Classes {
			if !slices.Contains(data.Classes, c) {
				data.Classes = append(data.Classes, c)
			}
		}
	}
	type place struct{ site, split string }
	clips := map[place][]pilot.Clip{}
	for _, c := range rec.Clips {
		at := place{c.Site, c.Split}
		clips[at] = append(clips[at], c)
	}
	for at, list := range clips {
		recordings, classes := map[string]bool{}, map[string]int{}
		for _, c := range list {
			recordings[c.Recording] = true
			if c.Class != "" {
				classes[c.Class]++
			}
		}
		s := Split{Site: at.site, Split: at.split, Clips: len(list), Recordings: len(recordings), Classes: len(classes)}
		if len(classes) > 0 {
			s.Smallest = slices.Min(slices.Collect(maps.Values(classes)))
		}
		data.Splits = append(data.Splits, s)
	}
	if len(clips) == 0 && len(tasks) > 0 {
		for _, site := range tasks[0].Sites {
			data.Splits = append(data.Splits, Split{Site: site.Name, Split: "test", Clips: site.Clips})
		}
	}
	slices.SortFunc(data.Splits, func(a, b Split) int { // train before test
		return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(b.Split, a.Split))
	})
	return data
}

// buildLooks lists the latest look at each site.
func buildLooks(results []pilot.Result) []Look {
	looks := []Look{}
	for _, r := range results {
		if r.Look == 0 {
			continue
		}
		at := slices.IndexFunc(looks, func(l Look) bool { return l.Site == r.Site })
		if at < 0 {
			at, looks = len(looks), append(looks, Look{Site: r.Site})
		}
		if r.Look > looks[at].Look {
			looks[at].Look, looks[at].Agreed = r.Look, r.Agreed
		}
	}
	slices.SortFunc(looks, func(a, b Look) int { return strings.Compare(a.Site, b.Site) })
	return looks
}

func buildFailures(failures []pilot.Failure) []Failure {
	out := make([]Failure, len(failures))
	for i, f := range failures {
		out[i] = Failure{f.Clip, f.Site, f.Class, f.Message, f.Hint, f.Said, f.Fix}
	}
	slices.SortFunc(out, func(a, b Failure) int {
		return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(a.Clip, b.Clip), strings.Compare(a.Message, b.Message))
	})
	return out
}

func buildMade(run pilot.Run, results []pilot.Result) Made {
	return Made{
		Seed: strconv.FormatUint(run.Seed, 10), Key: run.Key, Plan: run.PlanText,
		Params: pairs(run.Params), Choices: buildSettings(results),
	}
}

func pairs(m map[string]string) []Pair {
	out := []Pair{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Pair{name, m[name]})
	}
	return out
}

// buildSettings lists the choices of all results once: a classifier measured
// on two sites, or drawn five times with the same outcome, is one line.
func buildSettings(results []pilot.Result) []Setting {
	settings := []Setting{}
	ordered := slices.Clone(results)
	slices.SortStableFunc(ordered, compareRows)
	for _, r := range ordered {
		for _, c := range r.Choices {
			s := Setting{r.Label, r.Prompts, r.TrainSite, nil, c.Name, c.Value, c.Rung, c.Rule, c.Reason, c.Said}
			same := func(o Setting) bool {
				return o.Label == s.Label && o.Prompts == s.Prompts && o.TrainSite == s.TrainSite &&
					o.Name == s.Name && o.Value == s.Value && o.Rung == s.Rung && o.Rule == s.Rule && o.Reason == s.Reason
			}
			at := slices.IndexFunc(settings, same)
			if at < 0 {
				at, settings = len(settings), append(settings, s)
			}
			if r.Draw > 0 && !slices.Contains(settings[at].Draws, r.Draw) {
				settings[at].Draws = append(settings[at].Draws, r.Draw)
			}
		}
	}
	for _, s := range settings {
		slices.Sort(s.Draws)
	}
	return settings
}

func buildMeasurements(results []pilot.Result) []Measurement {
	out := []Measurement{}
	for _, r := range results {
		m := Measurement{
			Key: r.Key, Task: r.Task, Method: r.Method, Label: r.Label, Prompts: r.Prompts, TrainSite: r.TrainSite,
			Site: r.Site, Shots: r.Shots, Draw: r.Draw, Params: pairs(r.Params),
			Classes: r.Classes, PerClass: classScores(r.PerClass), PerLabel: labelScores(r.PerLabel), Confusion: r.Confusion, Predictions: predictions(r.Predictions),
		}
		for _, x := range r.Metrics {
			m.Metrics = append(m.Metrics, Metric{x.Name, x.Unit, x.Value, x.N, interval(x)})
		}
		out = append(out, m)
	}
	return out
}

func interval(m pilot.Metric) *Interval {
	if !m.HasInterval {
		return nil
	}
	return &Interval{m.Interval, m.Low, m.High}
}

func classScores(in []pilot.ClassScore) []ClassScore {
	out := make([]ClassScore, len(in))
	for i, c := range in {
		out[i] = ClassScore(c)
	}
	return out
}

func labelScores(in []pilot.LabelScore) []LabelScore {
	var out []LabelScore
	for _, c := range in {
		one := LabelScore{Class: c.Class, N: c.N, AP: c.AP, Low: c.APLow, High: c.APHigh, Interval: c.Interval}
		if c.HasThreshold {
			one.Said = &LabelSaid{c.Threshold, c.Said, c.Correct, c.F1, c.F1Low, c.F1High}
		}
		out = append(out, one)
	}
	return out
}

func predictions(in []pilot.Prediction) []Prediction {
	out := make([]Prediction, len(in))
	for i, p := range in {
		out[i] = Prediction(p)
	}
	return out
}

func buildRun(rec pilot.Record) Run {
	run := Run{
		ID: rec.Run.ID, Status: string(rec.Run.Status), Message: rec.Run.Message,
		Started: rec.Run.Started, Finished: rec.Run.Finished, PlanPath: rec.Run.PlanPath,
		Environment: pairs(rec.Run.Environment), Stages: []Stage{},
		Commands: []string{
			"framepilot run " + shellQuote(rec.Run.PlanPath),
			"framepilot report " + shellQuote(rec.Run.ID) + " -o report.html",
		},
	}
	for _, s := range rec.Stages {
		run.Stages = append(run.Stages, Stage(s))
	}
	return run
}
