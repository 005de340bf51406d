package probe

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"framepilot/internal/fault"
)

// published is TypiClust as its authors wrote it, for given clusters and no
// labels: clusters in order of size, one clip of each after the other.
func published(x Matrix, cluster []int, n int) []int {
	size := map[int]int{}
	for _, c := range cluster {
		size[c]++
	}
	var order []int
	for c, s := range size {
		if s > 5 {
			order = append(order, c)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(a, b)) })
	left := slices.Clone(cluster)
	var picked []int
	for i := range n {
		var rows []int
		for r, c := range left {
			if c == order[i%len(order)] {
				rows = append(rows, r)
			}
		}
		best, at := -1., -1
		for _, r := range rows {
			var away []float64
			for _, s := range rows {
				var sum float64
				for j, v := range x.Row(r) {
					d := float64(v) - float64(x.Row(s)[j])
					sum += d * d
				}
				away = append(away, math.Sqrt(sum))
			}
			slices.Sort(away) // the first is the clip itself
			k := max(min(20, len(rows)/2), 1)
			var mean float64
			for _, d := range away[1 : k+1] {
				mean += d / float64(k)
			}
			if typicality := 1 / mean; typicality > best {
				best, at = typicality, r
			}
		}
		picked = append(picked, at)
		left[at] = -1
	}
	return picked
}

func TestTypicalIsAsPublished(t *testing.T) {
	f := synthetic(6, 14, 12, rand.New(rand.NewPCG(3, 0)))
	f.Groups = nil
	cluster := clusters(f.X, nil, 7, rand.New(rand.NewPCG(1, 0)))
	p := picker{pool: f, x: f.X, cluster: cluster, taken: make([]bool, f.Len()), used: map[string]int{}}
	var big int
	size := map[int]int{}
	for _, c := range cluster {
		if size[c]++; size[c] == smallestCluster {
			big++
		}
	}
	var got []int
	for range big {
		got = append(got, p.take(p.typical(), Covers).Row)
	}
	if want := published(f.X, cluster, big); !slices.Equal(got, want) {
		t.Errorf("picked %v, the published code %v", got, want)
	}
}

// TestClustersEndAtAMinimum: every row is in the cluster of its nearest mean,
// and clips far apart are not together.
func TestClustersEndAtAMinimum(t *testing.T) {
	f := synthetic(4, 20, 8, rand.New(rand.NewPCG(5, 0)))
	of := clusters(f.X, []int{0, 20, 40, 60}, 4, rand.New(rand.NewPCG(1, 0)))
	centres := NewMatrix(4, 8)
	for c := range 4 {
		copy(centres.Row(c), meanRow(f.X.Take(rowsOf(of, c))))
	}
	for i := range f.Len() {
		for c := range 4 {
			if squaredDistance(f.X.Row(i), centres.Row(c)) < squaredDistance(f.X.Row(i), centres.Row(of[i]))-1e-6 {
				t.Fatalf("row %d is closer to mean %d than to its own", i, c)
			}
		}
	}
	same := clusters(f.X, []int{0, 20, 40, 60}, 4, rand.New(rand.NewPCG(1, 0)))
	if !slices.Equal(of, same) {
		t.Error("the same seed gives other clusters")
	}
}

// TestNextTakesOneClipARecording, all of them before a second of any, and none
// that is labelled.
func TestNextTakesOneClipARecording(t *testing.T) {
	f := synthetic(4, 8, 8, rand.New(rand.NewPCG(2, 0))) // 16 recordings of two clips
	labelled := f.Take([]int{0, 8})                      // recordings 0.0 and 1.0
	var rest []int
	for i := range f.Len() {
		if i != 0 && i != 8 {
			rest = append(rest, i)
		}
	}
	pool := f.Take(rest)
	list, err := LabelNext(pool, labelled, NextOptions{N: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 30 {
		t.Fatalf("%d of 30 clips picked", len(list))
	}
	seen, rows := map[string]bool{}, map[int]bool{}
	for i, n := range list {
		g := pool.Groups[n.Row]
		if i < 14 && (seen[g] || g == "recording 0.0" || g == "recording 1.0") {
			t.Errorf("pick %d is a second clip of %s", i, g)
		}
		if rows[n.Row] {
			t.Errorf("clip %d picked twice", n.Row)
		}
		seen[g], rows[n.Row] = true, true
	}
}

// TestNextCoversClasses: without any label, as many picks as classes find most
// of them, more than picks at random do.
func TestNextCoversClasses(t *testing.T) {
	var found, byChance int
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 0))
		f := synthetic(8, 12, 64, rng)
		list, err := LabelNext(f, Features{}, NextOptions{N: 8})
		if err != nil {
			t.Fatal(err)
		}
		classes, lucky := map[int]bool{}, map[int]bool{}
		for _, n := range list {
			classes[f.Labels[n.Row]] = true
			lucky[f.Labels[rng.IntN(f.Len())]] = true
		}
		found, byChance = found+len(classes), byChance+len(lucky)
	}
	if found < byChance+10 {
		t.Errorf("%d of 80 classes found, %d by chance", found, byChance)
	}
}

// TestNextAsksWhereTheClassifierHesitates: from four labels a class on, every
// second pick is the open clip with the smallest margin.
func TestNextAsksWhereTheClassifierHesitates(t *testing.T) {
	pool := synthetic(3, 6, 8, rand.New(rand.NewPCG(4, 0)))
	labelled := synthetic(3, 4, 8, rand.New(rand.NewPCG(4, 0)))
	labelled.Groups = nil
	logits := NewMatrix(pool.Len(), 3)
	for i := range logits.Rows {
		logits.Row(i)[i%3] = 1 + float32((i*7)%18)
	}
	for _, shots := range []int{4, 3} {
		part := labelled
		if shots == 3 {
			part = labelled.Take([]int{0, 1, 2, 4, 5, 6, 8, 9, 10})
		}
		list, err := LabelNext(pool, part, NextOptions{N: 6, Logits: logits})
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range list {
			want := Covers
			if shots == 4 && i%2 == 1 {
				want = Hesitates
			}
			if n.Why != want || n.Likely != n.Row%3 {
				t.Errorf("%d shots, pick %d: %+v, want one that %s", shots, i, n, want)
			}
			if i == 1 && shots == 4 && logits.Row(n.Row)[n.Likely] != 1 {
				t.Errorf("the first to hesitate has margin %.2f", n.Margin)
			}
		}
	}
}

func TestNextRefuses(t *testing.T) {
	pool := synthetic(3, 6, 8, rand.New(rand.NewPCG(4, 0)))
	if _, err := LabelNext(Features{}, pool, NextOptions{}); fault.KindOf(err) != fault.Input {
		t.Errorf("no pool: %v", err)
	}
	if _, err := LabelNext(pool, Features{X: NewMatrix(1, 5)}, NextOptions{}); fault.KindOf(err) != fault.Input {
		t.Errorf("another width: %v", err)
	}
	if _, err := LabelNext(pool, Features{}, NextOptions{N: -1}); fault.KindOf(err) != fault.Usage {
		t.Errorf("-1 clips: %v", err)
	}
}

// TestNextHesitatesByClass: where a clip may be of several classes, the clip in
// doubt is the one closest to the threshold of a class, not the one whose
// classes are about as likely as each other.
func TestNextHesitatesByClass(t *testing.T) {
	pool := synthetic(2, 4, 8, seeded(9))
	pool.Groups, pool.Text = nil, Matrix{}
	logits := NewMatrix(8, 2)
	for i := range 8 {
		copy(logits.Row(i), []float32{4, 4}) // surely of both
	}
	copy(logits.Row(5), []float32{-4, 1.1})
	labelled := multiClips(40, 13)
	labelled.X = labelled.X.first(8, 1)
	labelled.X.Normalize()
	labelled.Classes = []string{"a", "b"}
	for i := range labelled.Truth {
		labelled.Truth[i] = []int{i % 2}
	}
	list, err := LabelNext(pool, labelled, NextOptions{N: 2, Logits: logits, Thresholds: []float64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if list[1].Row != 5 || list[1].Why != Hesitates || list[1].Likely != 1 || !(list[1].Margin < 0.03) {
		t.Errorf("%+v", list)
	}
}
