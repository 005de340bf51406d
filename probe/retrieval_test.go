package probe

import (
	"cmp"
	"math"
	"slices"
	"testing"
)

func summary(r Ranking) []float64 {
	return []float64{r.R1.Value, r.R5.Value, r.R10.Value, r.MedianRank, r.MeanRank}
}

func TestRetrievalGolden(t *testing.T) {
	g := openGolden(t)
	sim := g.matrix("input.similarity", 40)
	plain, err := Retrieve(sim, RetrievalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dual, err := Retrieve(sim, RetrievalOptions{DualSoftmax: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]Ranking{
		"text_to_video":              plain.TextToVideo,
		"video_to_text":              plain.VideoToText,
		"text_to_video_dual_softmax": dual.TextToVideo,
	} {
		want := g.Floats("expect.retrieval." + name)
		for i, v := range summary(got) {
			if math.Abs(v-float64(want[i])) > 1e-6 {
				t.Errorf("%s: %v, want %v", name, summary(got), want)
				break
			}
		}
	}
	if math.Abs(plain.TextToVideo.R1.Low-.0874) > 1e-3 || plain.TextToVideo.R1.Method != IntervalClips {
		t.Errorf("R@1 %+v, want Wilson's interval of 7 in 40", plain.TextToVideo.R1)
	}
}

// slowRank sorts the candidates, wrong ones first among equals, and counts
// the wrong ones before the first correct one.
func slowRank(sim []float32, answers []int) int {
	order := make([]int, len(sim))
	for i := range order {
		order[i] = i
	}
	right := func(c int) int {
		if slices.Contains(answers, c) {
			return 1
		}
		return 0
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(sim[b], sim[a]), right(a)-right(b))
	})
	for i, c := range order {
		if right(c) == 1 {
			return i + 1
		}
	}
	return 0
}

func TestRetrievalAgainstBruteForce(t *testing.T) {
	rng := seeded(40)
	for range 200 {
		texts, videos := 1+rng.IntN(8), 1+rng.IntN(12)
		sim := NewMatrix(texts, videos)
		for i := range sim.Data {
			sim.Data[i] = float32(rng.IntN(5)) / 4 // many ties
		}
		match := make([][]int, texts)
		for i := range match {
			match[i] = rng.Perm(videos)[:1+rng.IntN(videos)]
		}
		got, err := Retrieve(sim, RetrievalOptions{Match: match})
		if err != nil {
			t.Fatal(err)
		}
		for q, rank := range got.TextToVideo.Ranks {
			if want := slowRank(sim.Row(q), match[q]); rank != want {
				t.Fatalf("text %d of %v, answers %v: rank %d, want %d", q, sim.Row(q), match[q], rank, want)
			}
		}
		var ranks []int
		for v := range videos {
			var column []float32
			var answers []int
			for q := range texts {
				column = append(column, sim.Row(q)[v])
				if slices.Contains(match[q], v) {
					answers = append(answers, q)
				}
			}
			if answers != nil {
				ranks = append(ranks, slowRank(column, answers))
			}
		}
		if !slices.Equal(got.VideoToText.Ranks, ranks) || got.VideoToText.Skipped != videos-len(ranks) {
			t.Fatalf("videos: ranks %v, skipped %d; want %v", got.VideoToText.Ranks, got.VideoToText.Skipped, ranks)
		}
	}
}

func TestRetrievalPutsTiesLast(t *testing.T) {
	r, err := Retrieve(NewMatrix(12, 12), RetrievalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(r.TextToVideo); !slices.Equal(got, []float64{0, 0, 0, 12, 12}) {
		t.Errorf("a model that says the same of everything: %v", got)
	}
}

func TestRetrievalWithSharedCaptions(t *testing.T) {
	texts, match := UniqueCaptions([]string{"runs", "jumps", "runs"})
	if !slices.Equal(texts, []string{"runs", "jumps"}) || !slices.Equal(match[0], []int{0, 2}) || !slices.Equal(match[1], []int{1}) {
		t.Fatalf("texts %q match %v", texts, match)
	}
	sim := Matrix{Rows: 2, Cols: 3, Data: []float32{
		0.1, 0.2, 0.9,
		0.3, 0.2, 0.1,
	}}
	r, err := Retrieve(sim, RetrievalOptions{Match: match})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.TextToVideo.Ranks, []int{1, 2}) || !slices.Equal(r.VideoToText.Ranks, []int{2, 2, 1}) {
		t.Errorf("ranks %v and %v", r.TextToVideo.Ranks, r.VideoToText.Ranks)
	}
}

// Ten captions of each video are no ten pieces of evidence.
func TestRetrievalIntervalsAreOverVideos(t *testing.T) {
	const videos, captions = 30, 10
	rng := seeded(41)
	sim := NewMatrix(videos*captions, videos)
	match := make([][]int, sim.Rows)
	found := make([]bool, videos)
	for v := range found {
		found[v] = rng.IntN(2) == 0
	}
	for q := range match {
		v := q / captions
		match[q] = []int{v}
		if found[v] {
			sim.Row(q)[v] = 1
		}
	}
	r, err := Retrieve(sim, RetrievalOptions{Match: match})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.TextToVideo.R1; got.Method != IntervalBootstrap || got.High-got.Low < 0.3 {
		t.Errorf("R@1 %+v, want an interval as wide as that of %d videos", got, videos)
	}
}

func TestRetrievalRefuses(t *testing.T) {
	square := NewMatrix(2, 2)
	nan := NewMatrix(2, 2)
	nan.Data[3] = float32(math.NaN())
	for name, c := range map[string]struct {
		sim Matrix
		o   RetrievalOptions
	}{
		"nothing":                 {Matrix{}, RetrievalOptions{}},
		"more texts than videos":  {NewMatrix(3, 2), RetrievalOptions{}},
		"a text of no video":      {square, RetrievalOptions{Match: [][]int{{0}, {}}}},
		"a video that is not":     {square, RetrievalOptions{Match: [][]int{{0}, {2}}}},
		"matches of too few":      {square, RetrievalOptions{Match: [][]int{{0}}}},
		"groups of too few":       {square, RetrievalOptions{Groups: []string{"a"}}},
		"a similarity of nothing": {nan, RetrievalOptions{}},
	} {
		if _, err := Retrieve(c.sim, c.o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkRetrieval(b *testing.B) {
	f := synthetic(100, 20, 512, seeded(42))
	text, video := f.X.Take(rowsFrom(0, 1000)), f.X.Take(rowsFrom(1000, 2000))
	b.Run("similarity 1000x1000x512", func(b *testing.B) {
		for b.Loop() {
			Similarity(text, video)
		}
	})
	sim := Similarity(text, video)
	for name, dual := range map[string]bool{"plain": false, "dual softmax": true} {
		b.Run(name+" 1000x1000", func(b *testing.B) {
			for b.Loop() {
				if _, err := Retrieve(sim, RetrievalOptions{DualSoftmax: dual}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func rowsFrom(low, high int) []int {
	var rows []int
	for r := low; r < high; r++ {
		rows = append(rows, r)
	}
	return rows
}
