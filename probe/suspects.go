package probe

import (
	"cmp"
	"slices"
)

// Suspect is a clip whose label may be wrong.
type Suspect struct {
	Row        int // of the training clips
	Label      int
	Likely     int     // the class it is taken for
	P, PLikely float64 // held-out posteriors of the two
}

// Suspects lists clips that fits which had not seen them take for another
// class, the most certain first, by confident learning (Northcutt, Jiang and
// Chuang 2021): a clip counts as of class c where its posterior of c is at
// least what the clips labelled c have on average, and of several such classes
// as of the likeliest. It is for a person to look at them; none is dropped.
//
// labels are those of all the training clips. The ranking is by how much
// likelier the other class is.
func (h HeldOut) Suspects(labels []int) []Suspect {
	sum, clips := make([]float64, h.Logits.Cols), make([]float64, h.Logits.Cols)
	posterior := make(map[int][]float64, len(h.Rows))
	for _, r := range h.Rows {
		posterior[r] = Softmax(h.Logits.Row(r))
		sum[labels[r]] += posterior[r][labels[r]]
		clips[labels[r]]++
	}
	var list []Suspect
	for _, r := range h.Rows {
		p, likely := posterior[r], -1
		for c := range p {
			if clips[c] > 0 && p[c] >= sum[c]/clips[c] && (likely < 0 || p[c] > p[likely]) {
				likely = c
			}
		}
		if likely >= 0 && likely != labels[r] {
			list = append(list, Suspect{r, labels[r], likely, p[labels[r]], p[likely]})
		}
	}
	slices.SortStableFunc(list, func(a, b Suspect) int { return cmp.Compare(a.P-a.PLikely, b.P-b.PLikely) })
	return list
}

// TagSuspect is a clip that may be of several classes, and one class about
// which its label may be wrong.
type TagSuspect struct {
	Row, Class int
	Is         bool    // the label says that the clip is of it
	P          float64 // held-out probability that it is
}

// SuspectTags is Suspects for clips that may be of several classes, truth
// being those of all the training clips: every class that can be judged is a
// question of two answers, is the clip of it or not. Logits are log odds.
func (h HeldOut) SuspectTags(truth [][]int) []TagSuspect {
	var list []TagSuspect
	for c, judged := range h.Classes {
		if !judged {
			continue
		}
		two, labels := HeldOut{Logits: NewMatrix(h.Logits.Rows, 2), Rows: h.Rows}, make([]int, h.Logits.Rows)
		for i := range labels {
			two.Logits.Row(i)[1] = h.Logits.Row(i)[c]
			if slices.Contains(truth[i], c) {
				labels[i] = 1
			}
		}
		for _, s := range two.Suspects(labels) {
			list = append(list, TagSuspect{s.Row, c, s.Label == 1, Sigmoid(float64(h.Logits.Row(s.Row)[c]))})
		}
	}
	doubt := func(s TagSuspect) float64 { // how much likelier the label's answer is than the other
		if s.Is {
			return 2*s.P - 1
		}
		return 1 - 2*s.P
	}
	slices.SortStableFunc(list, func(a, b TagSuspect) int { return cmp.Compare(doubt(a), doubt(b)) })
	return list
}
