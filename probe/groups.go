package probe

// NumberGroups numbers the groups of n clips in order of appearance. Without
// groups every clip is one of its own, and so is a clip whose group is "".
func NumberGroups(groups []string, n int) (number []int, count int) {
	number = make([]int, n)
	seen := make(map[string]int)
	for i := range number {
		if len(groups) == 0 || groups[i] == "" {
			number[i] = count
			count++
			continue
		}
		g, ok := seen[groups[i]]
		if !ok {
			g = count
			seen[groups[i]] = g
			count++
		}
		number[i] = g
	}
	return number, count
}

// group is a recording: its clips and how many there are of each class.
type group struct {
	rows    []int
	classes map[int]int // class → labelled clips; empty where none is labelled
}

func gatherGroups(labels []int, groups []string) []group {
	number, count := NumberGroups(groups, len(labels))
	out := make([]group, count)
	for g := range out {
		out[g].classes = make(map[int]int)
	}
	for i, g := range number {
		out[g].rows = append(out[g].rows, i)
		if labels[i] != Unlabelled {
			out[g].classes[labels[i]]++
		}
	}
	return out
}

// tally counts labelled clips, and the groups that hold them, by class.
func tally(groups []group) (clips, recordings map[int]int) {
	clips, recordings = make(map[int]int), make(map[int]int)
	for _, g := range groups {
		for c, n := range g.classes {
			clips[c] += n
			recordings[c]++
		}
	}
	return clips, recordings
}
