package probe

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// RetrievalOptions sets up Retrieve. The zero value is the usual protocol:
// text i describes video i and no other.
type RetrievalOptions struct {
	Match  [][]int  // text → the videos it describes; nil: text i describes video i
	Groups []string // recordings of the videos, for the intervals; nil: every video its own

	Confidence float64 // of the intervals; zero means Confidence

	// DualSoftmax weighs every similarity by the softmax over all queries of
	// 100 · similarity, for the same candidate (Cheng et al. 2021). It uses
	// the other test queries to answer one, so such figures are transductive
	// and do not compare with plain ones.
	DualSoftmax bool
}

// Retrieval is how well texts find their videos, and videos their texts.
type Retrieval struct {
	TextToVideo, VideoToText Ranking
	DualSoftmax              bool
}

// Ranking sums up where the first correct answer came for every query.
type Ranking struct {
	R1, R5, R10          Rate    // share of queries with a correct answer among the first 1, 5, 10
	MedianRank, MeanRank float64 // ranks start at 1
	Ranks                []int   // of every query with an answer, in order
	Skipped              int     // queries left out: videos no text describes
}

// Retrieve ranks videos by their similarity to each text and texts by their
// similarity to each video. sim is (texts, videos).
//
// The rank of a query is that of its best correct answer among the wrong
// ones; a wrong answer as similar as it counts as ahead, so that a model that
// says the same of everything comes last. Intervals treat texts of one video,
// and videos of one group, as standing or falling together.
func Retrieve(sim Matrix, o RetrievalOptions) (Retrieval, error) {
	match, err := matches(sim, o.Match)
	if err != nil {
		return Retrieval{}, err
	}
	if len(o.Groups) != 0 && len(o.Groups) != sim.Cols {
		return Retrieval{}, fmt.Errorf("retrieval: %d groups for %d videos", len(o.Groups), sim.Cols)
	}
	for i, v := range sim.Data {
		if v-v != 0 {
			return Retrieval{}, fmt.Errorf("retrieval: similarity of text %d and video %d is %g", i/sim.Cols, i%sim.Cols, v)
		}
	}
	videoGroup, _ := NumberGroups(o.Groups, sim.Cols)
	textGroup := make([]int, sim.Rows)
	described := make([][]int, sim.Cols)
	for t, videos := range match {
		textGroup[t] = videoGroup[videos[0]]
		for _, v := range videos {
			described[v] = append(described[v], t)
		}
	}
	return Retrieval{
		TextToVideo: rank(wide(sim), match, textGroup, o),
		VideoToText: rank(transpose(wide(sim)), described, videoGroup, o),
		DualSoftmax: o.DualSoftmax,
	}, nil
}

// UniqueCaptions lists the distinct captions of videos, in order, and which
// videos each describes: the texts to embed and the Match of
// RetrievalOptions. Two videos with the same caption are both right answers.
func UniqueCaptions(captions []string) (texts []string, match [][]int) {
	number := make(map[string]int)
	for v, caption := range captions {
		t, ok := number[caption]
		if !ok {
			t = len(texts)
			number[caption] = t
			texts, match = append(texts, caption), append(match, nil)
		}
		match[t] = append(match[t], v)
	}
	return texts, match
}

// matches checks match against sim, or makes the diagonal one.
func matches(sim Matrix, match [][]int) ([][]int, error) {
	if sim.Rows == 0 || sim.Cols == 0 {
		return nil, fault.New(fault.Input, "", "retrieval: %d texts and %d videos, want at least one of each", sim.Rows, sim.Cols)
	}
	if match == nil {
		if sim.Rows != sim.Cols {
			return nil, fmt.Errorf("retrieval: %d texts for %d videos, say which describes which", sim.Rows, sim.Cols)
		}
		match = make([][]int, sim.Rows)
		for i := range match {
			match[i] = []int{i}
		}
	}
	if len(match) != sim.Rows {
		return nil, fmt.Errorf("retrieval: matches of %d texts, want %d", len(match), sim.Rows)
	}
	for t, videos := range match {
		if len(videos) == 0 {
			return nil, fault.New(fault.Input, "leave the text out", "retrieval: text %d describes no video", t)
		}
		for _, v := range videos {
			if v < 0 || v >= sim.Cols {
				return nil, fmt.Errorf("retrieval: text %d describes video %d of %d", t, v, sim.Cols)
			}
		}
	}
	return match, nil
}

// rank ranks the candidates (columns) of sim for each query (row).
func rank(sim matrix, correct [][]int, groups []int, o RetrievalOptions) Ranking {
	if o.DualSoftmax {
		dualSoftmax(sim)
	}
	var r Ranking
	var group []int
	for q, answers := range correct {
		if len(answers) == 0 {
			r.Skipped++
			continue
		}
		r.Ranks = append(r.Ranks, firstCorrect(sim.row(q), answers))
		group = append(group, groups[q])
	}
	within := func(k int) Rate {
		hits := make([]float64, len(r.Ranks))
		for i, rank := range r.Ranks {
			if rank <= k {
				hits[i] = 1
			}
		}
		return groupedRate(hits, group, cmp.Or(o.Confidence, Confidence))
	}
	r.R1, r.R5, r.R10 = within(1), within(5), within(10)
	ranks := make([]float64, len(r.Ranks))
	for i, rank := range r.Ranks {
		ranks[i] = float64(rank)
	}
	r.MedianRank = stat.Quantile(ranks, 0.5)
	r.MeanRank, _ = stat.MeanSD(ranks)
	return r
}

// firstCorrect is one more than the wrong candidates at least as similar as
// the best correct one.
func firstCorrect(sim []float64, answers []int) int {
	best := math.Inf(-1)
	for _, a := range answers {
		best = max(best, sim[a])
	}
	rank := 1
	for c, s := range sim {
		if s >= best && !slices.Contains(answers, c) {
			rank++
		}
	}
	return rank
}

// dualSoftmaxScale is the published sharpness of the softmax over queries.
const dualSoftmaxScale = 100

// dualSoftmax replaces every similarity s of a column by s times the softmax
// of dualSoftmaxScale · s over the column.
func dualSoftmax(sim matrix) {
	column := make([]float64, sim.rows)
	for c := range sim.cols {
		for q := range column {
			column[q] = dualSoftmaxScale * sim.row(q)[c]
		}
		norm := logSumExp(column)
		for q, z := range column {
			sim.row(q)[c] *= math.Exp(z - norm)
		}
	}
}

func transpose(m matrix) matrix {
	out := newMatrix(m.cols, m.rows)
	for i := range m.rows {
		for j, v := range m.row(i) {
			out.data[j*m.rows+i] = v
		}
	}
	return out
}
