package probe

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

// scored is a test set of given labels for logits worked out by hand.
func scored(classes int, labels ...int) Features {
	f := Features{X: NewMatrix(len(labels), 1), Labels: labels}
	for c := range classes {
		f.Classes = append(f.Classes, string(rune('a'+c)))
	}
	for i := range f.X.Data {
		f.X.Data[i] = 1
	}
	return f
}

func TestScoreByHand(t *testing.T) {
	test := scored(4, 0, 0, 1, Unlabelled, 1)
	logits := Matrix{Rows: 5, Cols: 4, Data: []float32{
		2, 1, 0, 0, // right
		0, 1, 0, 3, // 0 taken for 3
		0, 4, 0, 0, // right
		9, 0, 0, 0, // not scored
		0, 1, 0, 2, // 1 taken for 3
	}}
	s, err := evaluate(logits, test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if s.N != 4 || s.Skipped != 1 || s.TopK != 4 || s.Top1.K != 2 || s.Top5.K != 4 {
		t.Errorf("n %d skipped %d top-%d: %d right, %d in top-5", s.N, s.Skipped, s.TopK, s.Top1.K, s.Top5.K)
	}
	if want := [][]int{{1, 0, 0, 1}, {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}}; !reflect.DeepEqual(s.Confusion, want) {
		t.Errorf("confusion %v, want %v", s.Confusion, want)
	}
	for i, want := range []struct{ hits, clips, given int }{{1, 2, 1}, {1, 2, 1}, {0, 0, 0}, {0, 0, 2}} {
		c := s.PerClass[i]
		if c.Recall.K != want.hits || c.Recall.N != want.clips || c.Precision.K != want.hits || c.Precision.N != want.given {
			t.Errorf("class %s: recall %d/%d precision %d/%d, want %+v", c.Class, c.Recall.K, c.Recall.N, c.Precision.K, c.Precision.N, want)
		}
	}
	if s.MacroRecall != 0.5 || s.WorstClass != 0 {
		t.Errorf("macro recall %g, worst class %d; want 0.5 and 0", s.MacroRecall, s.WorstClass)
	}
	var ranks []int
	for _, p := range s.Predictions {
		ranks = append(ranks, p.Rank)
	}
	// The second clip's truth has two others as low as itself.
	if want := []int{1, 4, 1, 2}; !slices.Equal(ranks, want) {
		t.Errorf("ranks %v, want %v", ranks, want)
	}
	if p := s.Predictions[0]; p.ID != "#0" || math.Abs(p.P-math.Exp(2)/(math.Exp(2)+math.E+2)) > 1e-6 {
		t.Errorf("first prediction %+v", p)
	}
	if p := s.Predictions[3]; p.ID != "#4" || p.Predicted != 3 {
		t.Errorf("last prediction %+v, want clip #4 taken for 3", p)
	}
	want := -(math.Log(math.Exp(2)/(math.Exp(2)+math.E+2)) + math.Log(1/(2+math.E+math.Exp(3))) +
		math.Log(math.Exp(4)/(math.Exp(4)+3)) + math.Log(math.E/(2+math.E+math.Exp(2)))) / 4
	if math.Abs(s.NLL-want) > 1e-6 {
		t.Errorf("NLL %g, want %g", s.NLL, want)
	}
}

// Whoever says the same of every class has recognised nothing.
func TestScoreCountsTiesAsErrors(t *testing.T) {
	s, err := evaluate(NewMatrix(6, 3), scored(3, 0, 1, 2, 0, 1, 2), Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if s.Top1.K != 0 {
		t.Errorf("%d of 6 right", s.Top1.K)
	}
	for _, p := range s.Predictions {
		if p.Rank != 3 || p.Predicted == p.Label {
			t.Errorf("prediction %+v, want rank 3", p)
		}
	}
}

func TestScoreIgnoresTheOrderOfClassesAndClips(t *testing.T) {
	f := synthetic(6, 8, 10, seeded(30))
	head := fitLogistic(t, f, 0.1)
	want, err := evaluate(head.Logits(f.X), f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	shuffled := f.Take(seeded(31).Perm(f.Len()))
	got, err := evaluate(head.Logits(shuffled.X), shuffled, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Top5 != want.Top5 || !reflect.DeepEqual(got.PerClass, want.PerClass) || !reflect.DeepEqual(got.Confusion, want.Confusion) {
		t.Errorf("after shuffling the clips: %+v, want %+v", got.Top1, want.Top1)
	}
}

func TestScoreRefuses(t *testing.T) {
	test := scored(2, 0, 1)
	nan := Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, float32(math.NaN()), 0}}
	if _, err := evaluate(nan, test, Confidence); err == nil || !strings.Contains(err.Error(), `clip #1: logit of class "a" is NaN`) {
		t.Errorf("NaN: %v", err)
	}
	if _, err := evaluate(NewMatrix(2, 3), test, Confidence); err == nil {
		t.Error("logits of three classes for two: no error")
	}
	if _, err := evaluate(NewMatrix(2, 2), scored(2, Unlabelled, Unlabelled), Confidence); fault.KindOf(err) != fault.Input {
		t.Errorf("no labels: %v", err)
	}
}

func TestRateOfRecordings(t *testing.T) {
	// 40 recordings of 5 clips, all right or all wrong together.
	rng := seeded(32)
	var together, hits []float64
	var groups, alone []int
	for r := range 40 {
		hit := float64(rng.IntN(2))
		for range 5 {
			together = append(together, hit)
			hits = append(hits, float64(rng.IntN(2)))
			groups = append(groups, r)
			alone = append(alone, len(alone))
		}
	}
	ones := slices.Repeat([]float64{1}, 200)
	one := make([]int, 200)
	for _, c := range []struct {
		name   string
		rate   Rate
		method IntervalMethod
		wider  bool // than the interval of 200 independent clips
	}{
		{"one clip a recording", groupedRate(together, alone, Confidence), IntervalClips, false},
		{"clips of a recording stand or fall together", groupedRate(together, groups, Confidence), IntervalBootstrap, true},
		{"clips of a recording have nothing in common", groupedRate(hits, groups, Confidence), IntervalClips, false},
		{"all right", groupedRate(ones, groups, Confidence), IntervalGroups, true},
		{"one recording", groupedRate(together, one, Confidence), IntervalGroups, true},
	} {
		plain := newRate(c.rate.K, c.rate.N, Confidence)
		if c.rate.Method != c.method {
			t.Errorf("%s: method %q, want %q", c.name, c.rate.Method, c.method)
		}
		width, plainWidth := c.rate.High-c.rate.Low, plain.High-plain.Low
		if (width > 1.3*plainWidth) != c.wider {
			t.Errorf("%s: interval of width %g, of independent clips %g", c.name, width, plainWidth)
		}
	}
	if r := newRate(0, 0, Confidence); r.Value != 0 || r.Low != 0 || r.High != 1 {
		t.Errorf("rate of nothing %+v, want no value and the whole interval", r)
	}
}

func TestCompare(t *testing.T) {
	score := func(right string) Score {
		test := scored(2)
		logits := Matrix{Cols: 2}
		for i, r := range right {
			test.Labels = append(test.Labels, i%2)
			row := []float32{0, 0}
			row[i%2] = 1
			if r == '-' {
				row[i%2] = -1
			}
			logits.Data = append(logits.Data, row...)
			logits.Rows++
			test.X.Rows++
		}
		s, err := evaluate(logits, test, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := score("+++++++++++++++---++--")
	b := score("+++------------++++++-")
	c, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if c.OnlyA != 12 || c.OnlyB != 4 || c.Both != 5 || c.Neither != 1 || c.N != 22 {
		t.Errorf("counts %+v", c)
	}
	if math.Abs(c.P-.076813) > 1e-6 || c.Difference != 8./22 || math.Abs(c.Low-.0075) > 1e-4 || math.Abs(c.High-.6308) > 1e-4 {
		t.Errorf("comparison %+v", c)
	}
	back, err := Compare(b, a)
	if err != nil {
		t.Fatal(err)
	}
	if back.P != c.P || back.Difference != -c.Difference || math.Abs(back.Low+c.High) > 1e-9 {
		t.Errorf("turned round %+v, want the mirror of %+v", back, c)
	}

	same, err := Compare(a, a)
	if err != nil {
		t.Fatal(err)
	}
	if same.P != 1 || same.Difference != 0 || same.Low >= 0 || same.High <= 0 {
		t.Errorf("against itself %+v", same)
	}
	if _, err := Compare(a, score("+-")); err == nil {
		t.Error("other clips: no error")
	}
}

// The same change of verdict on every clip of a recording is one piece of
// evidence, not five.
func TestCompareOfRecordings(t *testing.T) {
	var a, b Score
	for i := range 100 {
		group := string(rune('A' + i/5))
		better := i/5%3 == 0
		p := Prediction{ID: string(rune(i)), Group: group, Rank: 1}
		a.Predictions = append(a.Predictions, p)
		if better {
			p.Rank = 2
		}
		b.Predictions = append(b.Predictions, p)
	}
	c, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if c.Method != IntervalBootstrap || c.DesignEffect < 3 || c.High-c.Low < 0.3 {
		t.Errorf("comparison %+v, want a wide interval over groups", c)
	}
}
