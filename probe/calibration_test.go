package probe

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/words"
)

func TestCalibrationGolden(t *testing.T) {
	g := openGolden(t)
	test := g.features("test")
	s, err := evaluate(ZeroShot(test.Text, 20).Logits(test.X), test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Calibration
	if want := float64(g.Floats("expect.ece.15_equal_mass")[0]); math.Abs(c.ECE-want) > 1e-6 {
		t.Errorf("ECE %.8g, want %.8g", c.ECE, want)
	}
	if want := float64(g.Floats("expect.brier")[0]); math.Abs(c.Brier.Score-want) > 1e-6 {
		t.Errorf("Brier %.8g, want %.8g", c.Brier.Score, want)
	}
	if b := c.Brier; math.Abs(b.Reliability-b.Resolution+b.Uncertainty+b.Within-b.Score) > 1e-12 {
		t.Errorf("Brier %+v does not add up", b)
	}
	if !(c.ECELow <= c.ECE && c.ECE <= c.ECEHigh && c.ECEBias > 0) {
		t.Errorf("ECE %g in [%g, %g], bias %g", c.ECE, c.ECELow, c.ECEHigh, c.ECEBias)
	}
	if len(c.Table) != 15 || c.AURC < 0 || c.AURC > 1-s.Top1.Value+1e-9 {
		t.Errorf("%d bins, AURC %g of an error of %g", len(c.Table), c.AURC, 1-s.Top1.Value)
	}
}

// A classifier that shouts is told to speak lower, on held-out clips alone,
// and decides as before.
func TestCalibratedLowersTheVoice(t *testing.T) {
	f := synthetic(6, 40, 24, seeded(100))
	trainRows, testRows, err := SplitByGroup(f.Labels, f.Groups, 0.5, seeded(101))
	if err != nil {
		t.Fatal(err)
	}
	train, test := f.Take(trainRows), f.Take(testRows)
	m, err := FindMethod(Methods(), "ridge")
	if err != nil {
		t.Fatal(err)
	}
	loud, err := m.Run(context.Background(), train, map[string]string{"lambda": "1", "scale": "300"})
	if err != nil {
		t.Fatal(err)
	}
	calm, err := loud.Calibrated(train.Labels)
	if err != nil {
		t.Fatal(err)
	}
	before, err := evaluate(loud.Classifier.Logits(test.X), test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	after, err := evaluate(calm.Classifier.Logits(test.X), test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if after.Top1.K != before.Top1.K || !(after.NLL < before.NLL) {
		t.Errorf("top-1 %d → %d, NLL %g → %g", before.Top1.K, after.Top1.K, before.NLL, after.NLL)
	}
	temperature := calm.Choices[len(calm.Choices)-1]
	if temperature.Value < 1.5 || temperature.Rung == L3 {
		t.Errorf("%+v, want a temperature well above 1", temperature)
	}
	if calm.HeldOut.NLL(train.Labels) >= loud.HeldOut.NLL(train.Labels) {
		t.Error("held-out logits were not calibrated with the classifier")
	}
	if _, err := (Fitted{}).Calibrated(nil); err == nil {
		t.Error("a temperature from no clips")
	}
}

// Where all classes have one text nothing depends on a temperature: it stays,
// and says why, also as the factor that the ladder chooses.
func TestTiedLogitsKeepTheirTemperature(t *testing.T) {
	f := synthetic(3, 8, 24, seeded(100))
	logits := NewMatrix(f.Len(), 3)
	for i := range logits.Rows {
		for c := range 3 {
			logits.Row(i)[c] = 7 + float32(i%5) + float32(c)*1e-6 // as float32 rounds
		}
	}
	fitted := Fitted{Classifier: ZeroShot(NewMatrix(3, 24), 1), HeldOut: HeldOut{Logits: logits, Rows: rowsFrom(0, f.Len())}}
	calm, err := fitted.Calibrated(f.Labels)
	if err != nil {
		t.Fatal(err)
	}
	if c := calm.Choices[0]; c.Value != 1 || !strings.Contains(c.Reason, "no likelihood depends on it") || c.Candidates != nil {
		t.Errorf("temperature %g: %s", c.Value, c.Reason)
	}
	l := ladder{tuning: Tuning{Grid: [][]float64{{}}, Scale: 1}, train: f}
	v := l.judgeOn(logits, rowsFrom(0, f.Len()), f)
	if s := l.report(0, []verdict{v}, L1, words.Say("here")); s.scale != 1 || s.choices[0].Reason != allTie {
		t.Errorf("scale %g: %s", s.scale, s.choices[0].Reason)
	}
	logits.Row(3)[0]++
	if calm, err = fitted.Calibrated(f.Labels); err != nil || calm.Choices[0].Reason == allTie {
		t.Errorf("one clip tells classes apart, and %s, %v", calm.Choices[0].Reason, err)
	}
}

// What sets promise of all classes together rests on classes with clips; to
// the others it does not extend, unless each has a threshold of its own.
func TestConformalOfUnseenClasses(t *testing.T) {
	f := simulated(4, 60, 16, 1, 5)
	var rows []int
	for i, y := range f.Labels {
		if y != 2 {
			rows = append(rows, i)
		}
	}
	held := HeldOut{Logits: ZeroShot(f.Text, 10).Logits(f.X), Rows: rows}
	for perClass, want := range map[bool]int{false: 1, true: 0} {
		c, err := FitConformal(held, f, ConformalOptions{PerClass: perClass})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Unseen) != want || want == 1 && c.UnseenOf(f.Classes)[0] != f.Classes[2] {
			t.Errorf("classes apart %v: no promise for %v", perClass, c.Unseen)
		}
		for _, set := range c.Sets(held.Logits) {
			if perClass && !slices.Contains(set, 2) {
				t.Fatalf("a set %v without the class that nothing is known of", set)
			}
		}
	}
}

// simulated draws clips around the prototypes of classes, alone or several
// that are the same but for a little noise.
func simulated(classes, n, d, together int, seed uint64) Features {
	rng := seeded(seed)
	text := NewMatrix(classes, d)
	for i := range text.Data {
		text.Data[i] = float32(seeded(uint64(i)).NormFloat64())
	}
	text.Normalize()
	f := Features{X: NewMatrix(n, d), Text: text, Classes: make([]string, classes)}
	for c := range f.Classes {
		f.Classes[c] = string(rune('a' + c))
	}
	for i := range n {
		if i%together == 0 {
			y := rng.IntN(classes)
			for j := range d {
				f.X.Row(i)[j] = text.Row(y)[j] + float32(0.45*rng.NormFloat64())
			}
			f.Labels = append(f.Labels, y)
		} else {
			f.Labels = append(f.Labels, f.Labels[i-1])
			for j := range d {
				f.X.Row(i)[j] = f.X.Row(i - 1)[j] + float32(0.02*rng.NormFloat64())
			}
		}
		f.Groups = append(f.Groups, string(rune(0x4e00+i/together)))
	}
	f.X.Normalize()
	return f
}

func TestConformalCovers(t *testing.T) {
	for name, o := range map[string]ConformalOptions{
		"LAC": {}, "APS": {Score: APS}, "LAC, classes apart": {PerClass: true},
		"APS, 80 %": {Score: APS, Alpha: 0.2},
	} {
		for _, together := range []int{1, 4} {
			alpha := o.Alpha
			if alpha == 0 {
				alpha = 0.1
			}
			var coverage, size float64
			const runs = 40
			for run := range runs {
				calibration, test := simulated(5, 200*together, 16, together, uint64(2*run)), simulated(5, 400, 16, 1, uint64(2*run+1))
				c := ZeroShot(test.Text, 10)
				rows := rowsFrom(0, calibration.Len())
				conformal, err := FitConformal(HeldOut{Logits: c.Logits(calibration.X), Rows: rows}, calibration, o)
				if err != nil {
					t.Fatal(err)
				}
				s := scoreSets(conformal.Sets(c.Logits(test.X)), test.Labels, test, Confidence)
				coverage += s.Coverage.Value / runs
				size += s.Size / runs
			}
			// At least as asked for, less the noise of 40 runs of 400 clips; APS
			// and thresholds by class cover more.
			if !(coverage > 1-alpha-.015 && coverage < 1-alpha/3+.01) || size > 4 {
				t.Errorf("%s, %d clips together: coverage %.3f with %.2f classes, want %g", name, together, coverage, size, 1-alpha)
			}
		}
	}
}

func TestConformalOfFewClips(t *testing.T) {
	f := simulated(3, 8, 16, 1, 5)
	c := ZeroShot(f.Text, 10)
	conformal, err := FitConformal(HeldOut{Logits: c.Logits(f.X), Rows: rowsFrom(0, 8)}, f, ConformalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range conformal.Sets(c.Logits(f.X)) {
		if len(set) != 3 {
			t.Errorf("set %v from 8 clips at 90 %%, which takes 9", set)
		}
	}
	for n, want := range map[int]float64{50: .041, 100: .030, 500: .013, 1000: .0095} {
		if got := CoverageSpread(n, 0.1); math.Abs(got-want) > 5e-4 {
			t.Errorf("coverage of %d clips spreads by %g, want %g", n, got, want)
		}
	}
	if _, err := FitConformal(HeldOut{}, f, ConformalOptions{}); err == nil {
		t.Error("thresholds from no clips")
	}
}

func TestSSTextGolden(t *testing.T) {
	g := openGolden(t)
	train := g.features("train")
	r, err := FullConformal{Support: train, Anchors: train.Text}.prepare(train.X)
	if err != nil {
		t.Fatal(err)
	}
	head := r.prototypes
	head.Normalize()
	wantClose(t, cosine{head, 20}.Logits(g.features("test").X), g.matrix("expect.sstext.logits", 7), 1e-4)
}

// The quick way is the slow one: for every clip and label, prototypes from
// the support and the clip, all scores anew.
func TestFullConformalIsFittingAgain(t *testing.T) {
	support, test := simulated(4, 40, 12, 2, 6), simulated(4, 15, 12, 1, 7)
	for _, f := range []FullConformal{
		{Support: support, Anchors: support.Text},
		{Support: support, Anchors: support.Text, Score: APS, Weight: 0.3, Scale: 8, Alpha: 0.25},
		{Support: support, Score: APS, Weight: 1, Scale: 4},
	} {
		got, err := f.Sets(test.X)
		if err != nil {
			t.Fatal(err)
		}
		for i := range test.Len() {
			if want := slowly(t, f, test.X.Row(i)); !equalSets(got[i], want) {
				t.Errorf("%s, clip %d: set %v, want %v", f.Score, i, got[i], want)
			}
		}
	}
}

func slowly(t *testing.T, f FullConformal, x []float32) []int {
	t.Helper()
	r, err := f.prepare(Matrix{Rows: 1, Cols: len(x), Data: x})
	if err != nil {
		t.Fatal(err)
	}
	var set []int
	for y := range f.Support.Classes {
		more := r.Support
		more.X = Matrix{Rows: more.Len() + 1, Cols: len(x), Data: append(append([]float32{}, more.X.Data...), x...)}
		more.Labels = append(append([]int{}, more.Labels...), y)
		refit := r.FullConformal
		refit.Support = more
		head := refit.prototypes(len(more.Classes))
		head.Normalize()
		logits := cosine{head, r.Scale}.Logits(more.X)
		mine := f.Score.score(Softmax(logits.Row(more.Len()-1)), y)
		mass := 1.
		for i := range r.Support.Len() {
			if f.Score.score(Softmax(logits.Row(i)), more.Labels[i]) >= mine-1e-6 {
				mass += r.group[i]
			}
		}
		if mass > r.Alpha*(r.groups+1) {
			set = append(set, y)
		}
	}
	return set
}

func equalSets(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestFullConformalCovers(t *testing.T) {
	var coverage, size float64
	const runs = 40
	for run := range runs {
		support, test := simulated(5, 60, 16, 1, uint64(2*run)), simulated(5, 300, 16, 1, uint64(2*run+1))
		sets, err := FullConformal{Support: support, Anchors: support.Text, Scale: 10}.Sets(test.X)
		if err != nil {
			t.Fatal(err)
		}
		s := scoreSets(sets, test.Labels, test, Confidence)
		coverage += s.Coverage.Value / runs
		size += s.Size / runs
	}
	if !(coverage > .88 && coverage < .93) || size > 4 {
		t.Errorf("coverage %.3f with %.2f classes, want 0.9", coverage, size)
	}
}

func BenchmarkFullConformal(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	f := synthetic(20, 16, 512, rng)
	test := synthetic(20, 100, 512, rng)
	for b.Loop() {
		if _, err := (FullConformal{Support: f, Anchors: NewMatrix(20, 512)}).Sets(test.X); err != nil {
			b.Fatal(err)
		}
	}
}

// Scoring 2,000 clips of 101 classes, all intervals and calibration included.
func BenchmarkEvaluate(b *testing.B) {
	f := synthetic(100, 20, 64, seeded(1))
	var rows []int
	for c := range 100 {
		rows = append(rows, 20*c)
	}
	logits := ZeroShot(f.X.Take(rows), 20).Logits(f.X)
	for b.Loop() {
		if _, err := evaluate(logits, f, Confidence); err != nil {
			b.Fatal(err)
		}
	}
}
