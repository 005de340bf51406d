package cli

import (
	"slices"
	"strconv"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// sameClasses makes the clips of two feature files speak of the same classes in
// the same order: those of the first, then those that only the second has. What
// two files call alike is one class, whatever its number in either; where one of
// them gives no names, their numbers say it. files are for messages.
func sameClasses(files [2]string, a, b *probe.Features) error {
	if !numbered(a.Classes) && !numbered(b.Classes) {
		b.Labels, b.Truth = renumbered(*b, a.Classes)
	}
	classes, err := together(files, a.Classes, b.Classes)
	if err != nil {
		return err
	}
	text, err := textOf(classes, *a, *b)
	if err != nil {
		return err
	}
	a.Classes, b.Classes, a.Text, b.Text = classes, classes, text, text
	return nil
}

// numbered says whether classes are called by their numbers, as they are where
// a file names none.
func numbered(classes []string) bool {
	for i, name := range classes {
		if name != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// together are the classes of both files.
func together(files [2]string, a, b []string) ([]string, error) {
	switch {
	case numbered(a) && len(a) <= len(b):
		return b, nil
	case numbered(b) && len(b) <= len(a):
		return a, nil
	case numbered(a):
		return nil, unnamed(files[1], len(b), files[0], len(a))
	case numbered(b):
		return nil, unnamed(files[0], len(a), files[1], len(b))
	}
	all := slices.Clone(a)
	for _, name := range b {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all, nil
}

// unnamed says that a file has classes that the names of another can't be of.
func unnamed(file string, names int, other string, numbers int) error {
	return fault.New(fault.Input, "name the classes in both", "%s names %s, %s has %d without names", file, words.Count(names, "class"), other, numbers)
}

// renumbered are the labels of f, and the classes of its clips, where classes
// stand in the order of first, those it lacks behind them.
func renumbered(f probe.Features, first []string) (labels []int, truth [][]int) {
	to, next := make([]int, len(f.Classes)), len(first)
	for i, name := range f.Classes {
		if to[i] = slices.Index(first, name); to[i] < 0 {
			to[i] = next
			next++
		}
	}
	for _, y := range f.Labels {
		if y != probe.Unlabelled {
			y = to[y]
		}
		labels = append(labels, y)
	}
	for _, of := range f.Truth {
		moved := []int{}
		for _, c := range of {
			moved = append(moved, to[c])
		}
		slices.Sort(moved)
		truth = append(truth, moved)
	}
	return labels, truth
}

// textOf are the texts of classes (C, d), of the first file that has that of a
// class; no rows where neither has any.
func textOf(classes []string, files ...probe.Features) (probe.Matrix, error) {
	var text probe.Matrix
	var missing []string
	for c, name := range classes {
		found := false
		for _, f := range files {
			at := slices.Index(f.Classes, name)
			if numbered(f.Classes) {
				at = c
			}
			if at >= 0 && at < f.Text.Rows && !found {
				if text.Rows == 0 {
					text = probe.NewMatrix(len(classes), f.Text.Cols)
				}
				copy(text.Row(c), f.Text.Row(at))
				found = true
			}
		}
		if !found {
			missing = append(missing, name)
		}
	}
	if text.Rows > 0 && len(missing) > 0 {
		return text, fault.New(fault.Input, "give both files the words of all classes", "no text of %s", words.FirstFew(missing, 5, ", "))
	}
	return text, nil
}
