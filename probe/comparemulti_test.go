package probe

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"framepilot/internal/stat"
)

// TestResampledMAPPeer: mAP of resamples of whole groups is that which
// scikit-learn finds on the clips written out; see testdata/comparemulti.py.
func TestResampledMAPPeer(t *testing.T) {
	var peer struct {
		Group  []int
		Labels [][]int
		Scores [][][]float32
		Times  [][]int
		Map    [][]float64
	}
	text, err := os.ReadFile("testdata/comparemulti.json")
	if err == nil {
		err = json.Unmarshal(text, &peer)
	}
	if err != nil || len(peer.Scores) != 2 {
		t.Fatal(err, len(peer.Scores))
	}
	for k, z := range peer.Scores {
		var list []MultiPrediction
		place := map[int]int{} // groups are numbered as they appear
		for i := range z {
			p := MultiPrediction{ID: strconv.Itoa(i), Group: strconv.Itoa(peer.Group[i]), Z: z[i]}
			for c, is := range peer.Labels[i] {
				if is == 1 {
					p.Of = append(p.Of, c)
				}
			}
			if _, ok := place[peer.Group[i]]; !ok {
				place[peer.Group[i]] = len(place)
			}
			list = append(list, p)
		}
		r, err := newRanking(3, list)
		if err != nil {
			t.Fatal(err)
		}
		for b, peerTimes := range peer.Times {
			times := make([]int, r.groups)
			for g, n := range peerTimes {
				if at, ok := place[g]; ok {
					times[at] = n
				}
			}
			if got := r.meanAP(r.clips(times), make([]float64, 3)); math.Abs(got-peer.Map[k][b]) > 1e-12 {
				t.Errorf("classifier %d, resample %d: mAP %g, scikit-learn has %g", k, b, got, peer.Map[k][b])
			}
		}
	}
}

// pairedMulti are two classifiers' scores of clips of recordings: those of the
// second are gain less telling.
func pairedMulti(t *testing.T, seed uint64, recordings int, gain float64) (a, b MultiScore) {
	t.Helper()
	rng := seeded(seed)
	const classes, clips = 4, 3 // clips a recording
	both := make([][]MultiPrediction, 2)
	for g := range recordings {
		shown := make([]float64, classes) // of the recording, to both
		in := make([]bool, classes)
		for c := range classes {
			shown[c], in[c] = rng.NormFloat64()*.7, rng.Float64() < .3
		}
		for k := range clips {
			one := MultiPrediction{ID: strconv.Itoa(clips*g + k), Group: strconv.Itoa(g)}
			strength := make([]float64, classes)
			for c := range classes {
				if is := in[c] != (rng.Float64() < .1); is {
					one.Of, strength[c] = append(one.Of, c), 1
				}
			}
			for j := range both {
				p := one
				p.Z = make([]float32, classes)
				for c := range classes {
					p.Z[c] = float32(shown[c] + rng.NormFloat64() + strength[c]*(2-float64(j)*gain))
					if p.Z[c] > 1 {
						p.Said = append(p.Said, c)
					}
				}
				both[j] = append(both[j], p)
			}
		}
	}
	classNames := []string{"a", "b", "c", "d"}
	a, err := RescoreMulti(classNames, both[0], true, Confidence)
	if err == nil {
		b, err = RescoreMulti(classNames, both[1], true, Confidence)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

// TestCompareMulti: the difference is that of the two numbers, the interval and
// the p-value those of resamples written out clip by clip, whatever the order
// of the clips.
func TestCompareMulti(t *testing.T) {
	a, b := pairedMulti(t, 1, 25, .8)
	d, err := CompareMulti([]MultiScore{a}, []MultiScore{b}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d.Difference != a.MAP-b.MAP || d.Mean != d.Difference || !d.Multi || d.N != 75 || d.Needed(1) != 0 {
		t.Errorf("%+v", d)
	}
	// The same resamples, as lists of clips.
	rng := seeded(0)
	p := pairing{at: map[string]int{}, first: a}
	for i, clip := range a.Predictions {
		p.at[clip.ID] = i
	}
	if err := p.add(a, b); err != nil {
		t.Fatal(err)
	}
	var differences []float64
	for range stat.BootstrapDraws {
		var lists [2][]MultiPrediction
		for range 25 {
			g := strconv.Itoa(rng.IntN(25))
			for i, clip := range a.Predictions {
				if clip.Group == g {
					lists[0], lists[1] = append(lists[0], clip), append(lists[1], b.Predictions[i])
				}
			}
		}
		var value [2]float64
		for j, list := range lists {
			r, err := newRanking(4, list)
			if err != nil {
				t.Fatal(err)
			}
			value[j] = r.meanAP(slices.Repeat([]int{1}, len(list)), make([]float64, 4))
		}
		differences = append(differences, value[0]-value[1])
	}
	low, high := stat.Quantile(differences, .025), stat.Quantile(differences, .975)
	if math.Abs(d.Low-low) > .01 || math.Abs(d.High-high) > .01 || !(d.Low < d.Difference && d.Difference < d.High) {
		t.Errorf("%g in [%g, %g], other resamples say [%g, %g]", d.Difference, d.Low, d.High, low, high)
	}
	if p := p.chance(differences); math.Abs(p-d.P) > .01 {
		t.Errorf("p %g, other resamples say %g", d.P, p)
	}
	var right [2]int
	for i, clip := range a.Predictions {
		for j, other := range []MultiPrediction{clip, b.Predictions[i]} {
			if slices.Equal(other.Of, other.Said) {
				right[j]++
			}
		}
	}
	if d.Both+d.OnlyA != right[0] || d.Both+d.OnlyB != right[1] || d.Both+d.OnlyA+d.OnlyB+d.Neither != 75 {
		t.Errorf("all classes right: %+v, counted %v", d.Comparison, right)
	}
	turned := b
	turned.Predictions = slices.Clone(b.Predictions)
	slices.Reverse(turned.Predictions)
	again, err := CompareMulti([]MultiScore{a}, []MultiScore{turned}, 0)
	if err != nil || again.Comparison != d.Comparison {
		t.Errorf("in another order %+v, %v; was %+v", again.Comparison, err, d.Comparison)
	}
	back, err := CompareMulti([]MultiScore{b}, []MultiScore{a}, 0)
	if err != nil || back.Difference != -d.Difference || math.Abs(back.Low+d.High) > 1e-12 || back.P != d.P || back.OnlyA != d.OnlyB {
		t.Errorf("the other way round %+v, %v; was %+v", back.Comparison, err, d.Comparison)
	}
}

// TestCompareMultiLevel: two classifiers that are equally good are rarely told
// apart, and better ones mostly are.
func TestCompareMultiLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("200 comparisons")
	}
	for _, c := range []struct {
		gain      float64
		low, high int // of 100
	}{{0, 0, 12}, {1, 80, 100}} {
		found := 0
		for seed := range uint64(100) {
			a, b := pairedMulti(t, 100+seed, 20, c.gain)
			d, err := CompareMulti([]MultiScore{a}, []MultiScore{b}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if d.Verdict() != Unclear {
				found++
			}
		}
		if found < c.low || found > c.high {
			t.Errorf("gain %g: told apart %d times in 100", c.gain, found)
		}
	}
}

// TestCompareMultiFewRecordings: what a handful of recordings all say may be
// chance, however large it is.
func TestCompareMultiFewRecordings(t *testing.T) {
	for recordings, want := range map[int]Verdict{1: Unclear, 5: Unclear, 12: Better} {
		a, b := pairedMulti(t, 3, recordings, 6) // the second is worse than none
		d, err := CompareMulti([]MultiScore{a}, []MultiScore{b}, 0)
		if err != nil || d.Verdict() != want || d.P < math.Exp2(1-float64(recordings)) {
			t.Errorf("%d recordings: %s, %+v, %v", recordings, d.Verdict(), d.Comparison, err)
		}
		if recordings == 1 && (d.Low != -1 || d.High != 1) {
			t.Errorf("one recording: [%g, %g]", d.Low, d.High)
		}
	}
}

// TestCompareMultiDraws: several draws have the interval of none less than the
// one in the middle.
func TestCompareMultiDraws(t *testing.T) {
	a, other := pairedMulti(t, 5, 20, .5)
	draws := []MultiScore{a}
	for seed := range 3 {
		next := a
		next.Predictions = slices.Clone(a.Predictions)
		rng := seeded(uint64(50 + seed))
		for i, p := range next.Predictions {
			z := slices.Clone(p.Z)
			for c := range z {
				z[c] += float32(.3 * rng.NormFloat64())
			}
			next.Predictions[i].Z = z
		}
		scored, err := RescoreMulti(a.Classes, next.Predictions, true, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		draws = append(draws, scored)
	}
	d, err := CompareMulti(draws, slices.Repeat([]MultiScore{other}, 4), 10)
	if err != nil {
		t.Fatal(err)
	}
	var mean float64
	for _, s := range draws {
		mean += (s.MAP - other.MAP) / 4
	}
	if math.Abs(d.Mean-mean) > 1e-12 || d.Draws != 4 || d.MeanHigh-d.MeanLow < d.High-d.Low-1e-12 || d.Spread.N != 4 || d.TP >= 1 {
		t.Errorf("%+v, mean %g", d, mean)
	}
	if d.Difference != draws[d.Middle].MAP-other.MAP {
		t.Errorf("the draw in the middle is %d with %g", d.Middle, d.Difference)
	}
}

func TestCompareMultiRefuses(t *testing.T) {
	a, b := pairedMulti(t, 1, 10, 1)
	change := func(f func(*MultiScore)) MultiScore {
		c := b
		c.Predictions, c.Classes = slices.Clone(b.Predictions), slices.Clone(b.Classes)
		f(&c)
		return c
	}
	for what, other := range map[string]MultiScore{
		"the classes":      change(func(s *MultiScore) { s.Classes[0] = "x" }),
		"clips against":    change(func(s *MultiScore) { s.Predictions = s.Predictions[1:] }),
		"scored once only": change(func(s *MultiScore) { s.Predictions[2].ID = "x" }),
		"is of the class":  change(func(s *MultiScore) { s.Predictions[2].Of = []int{0, 1, 2, 3} }),
		"a logit is NaN":   change(func(s *MultiScore) { s.Predictions[2].Z = []float32{0, 0, float32(math.NaN()), 0} }),
	} {
		if _, err := CompareMulti([]MultiScore{a}, []MultiScore{other}, 0); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := CompareMulti(nil, nil, 0); err == nil {
		t.Error("no draws: no error")
	}
}
