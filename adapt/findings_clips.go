package adapt

import (
	"fmt"
	"slices"

	"framepilot/internal/words"
	"framepilot/probe"
)

// copies finds clips that are the same content: contents is a name for that
// of each item, "" where not known. On two sides of the split no group column
// catches them.
func copies(items []Item, contents []string) []Finding {
	first := map[string]int{}
	crossing, within, torn := []string{}, []string{}, []string{}
	for i, item := range items {
		if contents[i] == "" || item.Label == "" {
			continue
		}
		j, again := first[contents[i]]
		if !again {
			first[contents[i]] = i
			continue
		}
		pair := items[j].ID + " = " + item.ID
		switch {
		case items[j].Label != item.Label:
			torn = append(torn, fmt.Sprintf("%s: %q and %q", pair, items[j].Label, item.Label))
		case items[j].Split == item.Split:
			within = append(within, pair)
		}
		if items[j].Split != item.Split {
			crossing = append(crossing, fmt.Sprintf("%s (%s) = %s (%s)", items[j].ID, items[j].Split, item.ID, item.Split))
		}
	}
	return slices.Concat(
		finding(SeverityError, "identical-files", crossing, "a clip that was learned from is known, not recognised",
			"keep one of each pair, or list the other under limits.exclude",
			"%s of one split copied into another", words.Count(len(crossing), "clip")),
		finding(SeverityWarning, "labels-contradict", torn, "one of the two labels is wrong", "watch the clip and correct the label",
			"%s that two copies label differently", words.Count(len(torn), "clip")),
		finding(SeverityWarning, "copies-within-split", within, "a clip counted twice makes the interval narrower than it should be",
			"keep one of each pair", "%s there twice within a split", words.Count(len(within), "clip")))
}

// nearDuplicate is the cosine above which two embeddings are taken for
// those of one clip, cut or encoded twice.
const nearDuplicate = 0.99

// nearCopies finds clips on two sides of the split whose embeddings are all
// but the same. f has a row for each item.
func nearCopies(items []Item, f probe.Features) []Finding {
	side := map[string][]int{}
	for i, item := range items {
		if item.Label != "" {
			side[item.Split] = append(side[item.Split], i)
		}
	}
	pairs := []string{}
	for _, p := range [][2]string{{Train, Test}, {Train, Val}, {Val, Test}} {
		a, b := side[p[0]], side[p[1]]
		for _, t := range probe.NearDuplicates(f.X.Take(a), f.X.Take(b), nearDuplicate) {
			x, y := items[a[t.A]], items[b[t.B]]
			pairs = append(pairs, fmt.Sprintf("%s (%s) and %s (%s), cosine %.4f", x.ID, x.Split, y.ID, y.Split, t.Cosine))
		}
	}
	return finding(SeverityWarning, "near-duplicates", pairs, "the same event may be on both sides, cut or encoded twice: scores on these clips say little",
		"watch a few pairs; where they are one event, put both on one side with a group column",
		"%s all but the same (cosine above %g) across splits", words.Count(len(pairs), "clip"), nearDuplicate)
}

// confusedWords is the cosine of two classes' words above which the text
// encoder hardly tells them apart.
const confusedWords = 0.95

// confusedNames finds classes whose words the model takes for one another.
func confusedNames(classes []string, text probe.Matrix, prompts string) []Finding {
	pairs := []string{}
	cosines := probe.Similarity(text, text)
	for i := range text.Rows {
		for j := i + 1; j < text.Rows; j++ {
			if c := cosines.Row(i)[j]; c > confusedWords {
				pairs = append(pairs, fmt.Sprintf("%q and %q, cosine %.3f", classes[i], classes[j], c))
			}
		}
	}
	in := ""
	if prompts != "" {
		in = " in prompts " + prompts
	}
	return finding(SeverityWarning, "names-confused", pairs, "zero-shot guesses between them, and methods that start from words start level",
		"say what is seen, with words of their own under [prompts.NAME.classes]",
		"%s of classes whose words the text encoder hardly tells apart%s", words.Count(len(pairs), "pair"), in)
}
