package probe

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
)

// NextOptions sets up LabelNext. The zero value asks for 50 clips by coverage
// alone.
type NextOptions struct {
	N    int // clips; zero means 50
	Seed uint64

	// Logits (N, C) of the pool by a classifier fitted to the labelled clips: of
	// every two clips one is then taken where it hesitates most, once the
	// classes have marginShots labelled clips on average. No rows: none.
	Logits Matrix
	// Thresholds, where a clip may be of several classes, are the logits from
	// which on a clip is of each: the classifier hesitates where one is close.
	Thresholds []float64
}

// Next is a clip worth labelling.
type Next struct {
	Row     int     // of the pool
	Why     Reason  // by which rule it was picked
	Likely  int     // the class it is taken for; -1 without Logits
	Cluster int     // of all clips, numbered from 0
	Size    int     // clips in that cluster
	Margin  float64 // posterior of the likeliest class less that of the next, or of the class in most doubt from its threshold; 0 without Logits
}

// Reason is why a clip should be labelled.
type Reason string

// The reasons.
const (
	Covers    Reason = "typical of clips with few labels"
	Hesitates Reason = "the classifier hesitates"
)

// The constants of TypiClust (Hacohen, Dekel and Weinshall 2022), and of ours.
const (
	mostClusters    = 500
	smallestCluster = 6 // clips; smaller ones are passed over
	typicalNearest  = 20
	marginShots     = 4
)

// LabelNext picks the clips of a pool to label next, most useful first. Clips
// are put into as many clusters as there will be labels (TypiClust); the
// largest of those with the fewest labels gives its most typical clip, the one
// with the closest neighbours. Ours: clusters start from the clips closest to
// each class's text, no two clips come from one recording until all recordings
// have given one, and a classifier has a say once it has learned something.
func LabelNext(pool, labelled Features, o NextOptions) ([]Next, error) {
	if o.N == 0 {
		o.N = 50
	}
	switch {
	case o.N < 0:
		return nil, fault.New(fault.Usage, "", "label next: %d clips asked for", o.N)
	case pool.Len() == 0:
		return nil, fault.New(fault.Input, "embed clips that have no label yet", "label next: no clips to choose from")
	case labelled.Len() > 0 && labelled.X.Cols != pool.X.Cols:
		return nil, fault.New(fault.Input, "make both with the same model",
			"label next: clips of width %d, labelled clips of %d", pool.X.Cols, labelled.X.Cols)
	}
	all := NewMatrix(pool.Len()+labelled.Len(), pool.X.Cols)
	copy(all.Data, pool.X.Data)
	copy(all.Data[len(pool.X.Data):], labelled.X.Data)
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	k := min(labelled.Len()+o.N, mostClusters)
	p := picker{
		pool: pool, logits: o.Logits, from: o.Thresholds, x: all,
		cluster: clusters(all, closestToTexts(pool), k, rng),
		taken:   make([]bool, all.Rows), used: map[string]int{},
	}
	for i := range labelled.Len() {
		p.taken[pool.Len()+i] = true
		if len(labelled.Groups) > 0 && labelled.Groups[i] != "" {
			p.used[labelled.Groups[i]]++
		}
	}
	shots := labels(labelled) / max(len(labelled.Classes), 1)
	var list []Next
	for len(list) < min(o.N, pool.Len()) {
		if o.Logits.Rows > 0 && shots >= marginShots && len(list)%2 == 1 {
			list = append(list, p.take(p.hesitant(), Hesitates))
		} else {
			list = append(list, p.take(p.typical(), Covers))
		}
	}
	return list, nil
}

// closestToTexts lists the clip closest to each class's text, both less what
// all of their kind have in common: clips and texts live apart.
func closestToTexts(pool Features) []int {
	if pool.Text.Rows == 0 {
		return nil
	}
	centred := func(m Matrix) Matrix {
		mean, out := meanRow(m), NewMatrix(m.Rows, m.Cols)
		for i := range m.Rows {
			for j, v := range m.Row(i) {
				out.Row(i)[j] = v - mean[j]
			}
		}
		out.Normalize()
		return out
	}
	var rows []int
	for c, s := 0, Similarity(centred(pool.Text), centred(pool.X)); c < s.Rows; c++ {
		if r := argmax(s.Row(c)); !slices.Contains(rows, r) {
			rows = append(rows, r)
		}
	}
	return rows
}

// picker takes clips one after the other.
type picker struct {
	pool    Features
	logits  Matrix
	from    []float64      // thresholds of logits; nil: a clip is of one class
	x       Matrix         // the pool's clips and then the labelled ones
	cluster []int          // of each
	taken   []bool         // labelled, or picked
	used    map[string]int // times a recording gave a clip
}

// take notes a pick.
func (p *picker) take(row int, why Reason) Next {
	n := Next{Row: row, Why: why, Likely: -1, Cluster: p.cluster[row]}
	for _, c := range p.cluster {
		if c == n.Cluster {
			n.Size++
		}
	}
	if p.logits.Rows > 0 {
		n.Likely, n.Margin = p.margin(row)
	}
	p.taken[row] = true
	if g := p.group(row); g != "" {
		p.used[g]++
	}
	return n
}

func (p *picker) group(row int) string {
	if len(p.pool.Groups) == 0 {
		return ""
	}
	return p.pool.Groups[row]
}

// open lists the clips of the pool that may be picked: those of the recordings
// that gave the fewest.
func (p *picker) open() []int {
	var rows []int
	fewest := math.MaxInt
	for i := range p.pool.Len() {
		if p.taken[i] {
			continue
		}
		given := p.used[p.group(i)]
		if given < fewest {
			fewest, rows = given, rows[:0]
		}
		if given == fewest {
			rows = append(rows, i)
		}
	}
	return rows
}

// typical is the open clip with the closest neighbours in the largest of the
// clusters with the fewest labels. Small clusters are passed over while others
// have open clips.
func (p *picker) typical() int {
	size, labels := map[int]int{}, map[int]int{}
	for i, c := range p.cluster {
		size[c]++
		if p.taken[i] {
			labels[c]++
		}
	}
	open := map[int][]int{}
	for _, i := range p.open() {
		open[p.cluster[i]] = append(open[p.cluster[i]], i)
	}
	var order []int
	for c := range open {
		order = append(order, c)
	}
	best := slices.MinFunc(order, func(a, b int) int {
		small := func(c int) int {
			if size[c] < smallestCluster {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(small(a), small(b)), cmp.Compare(labels[a], labels[b]), cmp.Compare(size[b], size[a]), cmp.Compare(a, b))
	})
	// As published, what is labelled has left its cluster by then.
	var members []int
	for i, c := range p.cluster {
		if c == best && !p.taken[i] {
			members = append(members, i)
		}
	}
	return slices.MinFunc(open[best], func(a, b int) int {
		return cmp.Compare(p.meanDistance(a, members), p.meanDistance(b, members))
	})
}

// meanDistance is that of a clip to the nearest half of the others, at most
// twenty of them.
func (p *picker) meanDistance(row int, members []int) float64 {
	var away []float64
	for _, m := range members {
		if m != row {
			away = append(away, math.Sqrt(squaredDistance(p.x.Row(row), p.x.Row(m))))
		}
	}
	slices.Sort(away)
	near := away[:min(max(len(members)/2, 1), typicalNearest, len(away))]
	var sum float64
	for _, d := range near {
		sum += d
	}
	return sum / float64(max(len(near), 1))
}

// hesitant is the open clip with the smallest margin.
func (p *picker) hesitant() int {
	return slices.MinFunc(p.open(), func(a, b int) int {
		_, first := p.margin(a)
		_, second := p.margin(b)
		return cmp.Compare(first, second)
	})
}

// margin is how surely the classifier names the class of a clip, or says of
// every class whether it is of it, and the class it names first.
func (p *picker) margin(row int) (likely int, by float64) {
	logits := p.logits.Row(row)
	if p.from == nil {
		return margin(logits)
	}
	by = 1
	for c, from := range p.from {
		if float64(logits[c])-from > float64(logits[likely])-p.from[likely] {
			likely = c
		}
		by = min(by, math.Abs(Sigmoid(float64(logits[c]))-Sigmoid(from)))
	}
	return likely, by
}

// labels counts those of clips: one each, or those of several classes.
func labels(f Features) (n int) {
	if f.Truth == nil {
		return f.Len()
	}
	for _, of := range f.Truth {
		n += len(of)
	}
	return n
}

// margin is the likeliest class and how much likelier it is than the next.
func margin(logits []float32) (likely int, by float64) {
	likely = argmax(logits)
	p := Softmax(logits)
	next := 0.
	for c, v := range p {
		if c != likely {
			next = max(next, v)
		}
	}
	return likely, p[likely] - next
}
