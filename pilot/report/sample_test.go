package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"framepilot/pilot"
)

var sampleClasses = []string{"reach-in", "lift", "carry", "walk-in", "door open", "stop press", "fall", "wave"}

// sample is a pilot as a company would run it: two sites, two prompt sets, two
// methods by shots and draws. Its predictions are drawn at random with set
// rates of success; everything else follows from them.
func sample() pilot.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)
	rec := pilot.Record{
		Run: pilot.Run{
			ID: "20261002-0900-7f3a", Pilot: "line 3 safety", Question: "Does the camera over line 3 see a hand reaching into the press?",
			PlanPath: "pilots/line 3/plan.toml", PlanText: "schema = 1\nname = \"line 3 safety\"\nseed = 20261002\n\n[model]\nid = \"tvtsv2-b16\"\n",
			Key: "9f3c77ab02a1", Seed: math.MaxUint64, Status: pilot.Done, Started: start, Finished: start.Add(7*time.Minute + 12*time.Second),
			Params: map[string]string{
				"model": "tvtsv2-b16", "model sha256": "41c0f6d1a4c7c6e6bb7a6f6f2f0f5f4e3d2c1b0a99887766554433221100ffe7",
				"recipe": "features", "frames": "12", "precision": "fp32", "test share": "0.5",
			},
			Environment: map[string]string{"framepilot": "0.1.0", "go": "go1.26.8", "cpu": "4 cores", "ffmpeg": "5.1.6"},
		},
		Stages: []pilot.Stage{
			{Name: "embed", Key: "k1", Status: "skipped", Detail: "218 clips in the cache", At: start.Add(time.Second)},
			{Name: "fit", Key: "k2", Status: "done", Detail: "32 results", At: start.Add(7 * time.Minute)},
		},
		Failures: []pilot.Failure{
			{Clip: "night/fall/cam2_0031.mp4", Site: "night", Class: "fall", Message: "no video stream", Hint: "export it again from the recorder"},
			{Clip: "day/lift/cam1_0117.mp4", Site: "day", Class: "lift", Message: "truncated: 3 frames, 12 are needed"},
		},
	}
	sites := map[string]float64{"day": 1, "night": 0.78} // how much of a method's success is left
	counts := map[string][]int{"day": {12, 11, 10, 9, 8, 7, 5, 6}, "night": {7, 6, 6, 5, 5, 4, 3, 5}}
	for _, site := range []string{"day", "night"} {
		for c, n := range counts[site] {
			for i := range 2 * n {
				split := []string{"train", "test"}[i%2]
				rec.Clips = append(rec.Clips, pilot.Clip{
					ID: clipName(site, sampleClasses[c], i), Site: site, Split: split, Class: sampleClasses[c], Recording: fmt.Sprint(site, split, i/6),
				})
			}
		}
	}
	add := func(method, label, prompts, from string, shots, draw int, success float64, choices ...pilot.Choice) {
		for _, site := range []string{"day", "night"} {
			r := pilot.Result{
				Key: fmt.Sprintf("%s/%s/%s/%d/%d/%s", method, prompts, from, shots, draw, site), Task: pilot.Classification,
				Method: method, Label: label, Prompts: prompts, TrainSite: from, Site: site, Shots: shots, Draw: draw,
				Classes: sampleClasses, Choices: choices, Look: 1, Agreed: 1,
			}
			predict(&r, counts[site], success*sites[site], rng)
			rec.Results = append(rec.Results, r)
		}
	}
	add("zero-shot", "zero-shot", "class names", "", 0, 0, 0.16)
	add("zero-shot", "zero-shot", "described", "", 0, 0, 0.52)
	for _, k := range []int{1, 4, 8} {
		for draw := 1; draw <= 2; draw++ {
			success := 0.05*math.Log2(float64(k)) + 0.03*rng.NormFloat64()
			add("nearest-mean", "nearest mean, "+english.count(k, "shots"), "", "day", k, draw, 0.58+success)
			add("logistic", "linear probe, "+english.count(k, "shots"), "", "day", k, draw, 0.55+1.8*success,
				pilot.Choice{Name: "C", Value: []string{"0.316", "1"}[draw%2], Rung: "L2", Rule: "grouped cross-validation", Reason: "best likelihood on held-out recordings"})
		}
	}
	add("logistic", "linear probe, all labels", "", "day", 0, 0, 0.9,
		pilot.Choice{Name: "C", Value: "3.16", Rung: "L2", Rule: "grouped cross-validation", Reason: "best likelihood on held-out recordings"})
	for _, site := range []string{"day", "night"} {
		rec.Results = append(rec.Results, retrieval(site, sum(counts[site])))
	}
	sampleEvidence(&rec)
	return rec
}

func clipName(site, class string, i int) string {
	return fmt.Sprintf("%s/%s/cam%d_%04d.mp4", site, class, 1+i%3, i)
}

// predict fills a result with predictions that succeed at a rate.
func predict(r *pilot.Result, counts []int, success float64, rng *rand.Rand) {
	c := len(counts)
	r.Confusion = make([][]int, c)
	right, total, recall := 0, 0, 0.0
	for y, n := range counts {
		r.Confusion[y] = make([]int, c)
		for i := range n {
			p := y
			if rng.Float64() > success*(1-0.05*float64(y)) {
				p = (y + 1 + int(3*rng.Float64()*rng.Float64())) % c
			}
			r.Confusion[y][p]++
			r.Predictions = append(r.Predictions, pilot.Prediction{
				Clip: clipName(r.Site, r.Classes[y], 2*i+1), Truth: r.Classes[y], Predicted: r.Classes[p], P: 0.3 + 0.7*rng.Float64(), Correct: p == y,
			})
		}
		k := r.Confusion[y][y]
		low, high := wilson(k, n)
		r.PerClass = append(r.PerClass, pilot.ClassScore{Class: r.Classes[y], N: n, Correct: k, Recall: float64(k) / float64(n), Low: low, High: high, Interval: "wilson 95 %"})
		right, total, recall = right+k, total+n, recall+float64(k)/float64(n)/float64(c)
	}
	low, high := wilson(right, total)
	r.Metrics = []pilot.Metric{
		{Name: "top1", Value: float64(right) / float64(total), Low: low, High: high, HasInterval: true, Interval: "wilson 95 %", N: total},
		{Name: "macro_recall", Value: recall, N: total},
		{Name: "nll", Unit: "nats", Value: 2 - success, N: total},
		{Name: "ece", Value: 0.25, Low: 0.125, High: 0.5, HasInterval: true, Interval: "bootstrap over recordings 95 %", N: total},
	}
	if r.Method != pilot.ZeroShot {
		r.Metrics = append(r.Metrics, pilot.Metric{Name: "ece_calibrated", Value: 0.0625, N: total},
			pilot.Metric{Name: "set_coverage", Value: 0.875, N: total}, pilot.Metric{Name: "set_size", Unit: "classes", Value: 1.375, N: total})
	}
}

// sampleEvidence sets every row beside zero-shot in described words. Only the
// counts are counted.
func sampleEvidence(rec *pilot.Record) {
	zero := map[string]pilot.Result{}
	for _, r := range rec.Results {
		if r.Prompts == "described" && r.Task == pilot.Classification {
			zero[r.Site] = r
		}
	}
	for _, r := range rec.Results {
		if r.Task != pilot.Classification || r.Key == zero[r.Site].Key || r.Draw > 1 {
			continue
		}
		c := pilot.Comparison{Result: r.Key, Against: zero[r.Site].Key, Metric: "top1", N: len(r.Predictions), Draws: max(1, 2*r.Draw), Interval: "Tango 95 %",
			P: 0.03125, MidP: 0.015625, Holm: 0.25, DrawsP: 0.5, Verdict: pilot.Unclear, Needed: 1240}
		for i, p := range r.Predictions {
			switch other := zero[r.Site].Predictions[i].Correct; {
			case p.Correct && !other:
				c.OnlyThis++
			case other && !p.Correct:
				c.OnlyOther++
			}
		}
		c.Difference = float64(c.OnlyThis-c.OnlyOther) / float64(c.N)
		c.Low, c.High = c.Difference-0.125, c.Difference+0.125
		if c.Low > 0 {
			c.Verdict, c.Needed, c.Holm = pilot.Better, 0, 0.0001
		} else if c.High < 0 {
			c.Verdict, c.Needed, c.Holm = pilot.Worse, 0, 0.0001
		}
		rec.Comparisons = append(rec.Comparisons, c)
		if r.Shots == 8 {
			rec.Forecasts = append(rec.Forecasts, pilot.Forecast{Result: r.Key, Labels: 16, Error: 0.25, Low: 0.125, High: 0.375,
				Interval: "resampled draws 95 %", A: 0.125, B: 0.5, C: 0.5})
		}
	}
}

func retrieval(site string, n int) pilot.Result {
	r := pilot.Result{Key: "retrieval/" + site, Task: pilot.Retrieval, Method: "cosine", Label: "cosine similarity", Prompts: "described", Site: site}
	for i, direction := range []string{"text_to_video_", "video_to_text_"} {
		for _, k := range []int{1, 5, 10} {
			hits := n * (k + 2 + i) / 16
			low, high := wilson(hits, n)
			r.Metrics = append(r.Metrics, pilot.Metric{Name: fmt.Sprint(direction, "r", k), Value: float64(hits) / float64(n), Low: low, High: high, HasInterval: true, Interval: "wilson 95 %", N: n})
		}
		r.Metrics = append(r.Metrics,
			pilot.Metric{Name: direction + "median_rank", Unit: "rank", Value: 4.5, N: n},
			pilot.Metric{Name: direction + "mean_rank", Unit: "rank", Value: 7 + 1.0/3, N: n})
	}
	return r
}

func wilson(k, n int) (low, high float64) {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (mid-half)/(1+z*z/m)), min(1, (mid+half)/(1+z*z/m))
}

func sum(all []int) (total int) {
	for _, n := range all {
		total += n
	}
	return total
}

// build makes the report of a run without a journal, in English.
func build(rec pilot.Record) Document { return Build(pilot.Dossier{Record: rec}, Options{}) }
