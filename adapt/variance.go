package adapt

import "framepilot/probe"

// Variance says how the scores of a method's draws vary at a site, and why.
type Variance struct {
	Site   string        `json:"site"`
	Label  string        `json:"label"`
	Draws  int           `json:"draws"`
	Clips  int           `json:"clips"`
	Top1   probe.Sources `json:"top1"` // of single answers, right or wrong
	Advice string        `json:"advice"`
}

// variances splits the variance of every row that was drawn more than once.
func variances(rows []resultRow) []Variance {
	out := []Variance{}
	for _, row := range rows {
		n := len(row.draws[0].Predictions)
		if len(row.draws) < 2 || n < 2 || row.draws[0].Several() { // of several classes there is no one answer
			continue
		}
		hits := make([][]float64, len(row.draws))
		for j, res := range row.draws {
			hits[j] = make([]float64, n)
			for i, p := range res.Predictions {
				if p.Correct {
					hits[j][i] = 1
				}
			}
		}
		v := Variance{Site: row.site, Label: row.draws[0].Label, Draws: len(hits), Clips: n, Top1: probe.SourcesOf(hits)}
		v.Advice = "other test clips would move the score more than other training clips: label more to test on"
		if v.Top1.Support > v.Top1.Clips/float64(n) {
			v.Advice = "other training clips would move the score more than other test clips: label more to learn from"
		}
		out = append(out, v)
	}
	return out
}
