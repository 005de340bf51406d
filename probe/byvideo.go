package probe

// VideoScore is what a classifier is worth on whole videos of which the clips
// are windows: the class of a video is that of the mean of its windows'
// logits.
type VideoScore struct {
	N     int // videos scored
	Mixed int // videos left out, whose windows are of different classes
	Top1  Rate
}

// byVideo scores videos; nil where every clip is one of its own.
func byVideo(logits Matrix, test Features, conf float64) *VideoScore {
	if len(test.Videos) == 0 {
		return nil
	}
	rows := test.labelled()
	number, count := NumberGroups(pick(test.Videos, rows), len(rows))
	if count == len(rows) {
		return nil
	}
	mean := NewMatrix(count, logits.Cols)
	label, groups, windows := make([]int, count), make([]string, count), make([]int, count)
	const mixed = -2
	for i, r := range rows {
		v := number[i]
		switch {
		case windows[v] == 0:
			label[v] = test.Labels[r]
		case label[v] != test.Labels[r]:
			label[v] = mixed
		}
		windows[v]++
		if len(test.Groups) > 0 {
			groups[v] = test.Groups[r]
		}
		for c, z := range logits.Row(r) {
			mean.Row(v)[c] += z
		}
	}
	var s VideoScore
	var hits []float64
	var of []string
	for v := range count {
		if label[v] == mixed {
			s.Mixed++
			continue
		}
		for c := range mean.Row(v) {
			mean.Row(v)[c] /= float32(windows[v])
		}
		hit := 0.0
		if predict(mean.Row(v), label[v]).Rank == 1 {
			hit = 1
		}
		hits, of = append(hits, hit), append(of, groups[v])
	}
	s.N = len(hits)
	if s.N == 0 {
		return &s
	}
	recordings, _ := NumberGroups(of, s.N)
	s.Top1 = groupedRate(hits, recordings, conf)
	return &s
}
