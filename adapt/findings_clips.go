package adapt

import (
	"slices"

	"framepilot/internal/words"
	"framepilot/probe"
)

// copies finds clips that are the same content: contents is a name for that
// of each item, "" where not known. On two sides of the split no group column
// catches them.
func copies(items []Item, contents []string) []Finding {
	first := map[string]int{}
	crossing, within, torn := []words.Sentence{}, []words.Sentence{}, []words.Sentence{}
	for i, item := range items {
		if contents[i] == "" || item.Label == "" {
			continue
		}
		j, again := first[contents[i]]
		if !again {
			first[contents[i]] = i
			continue
		}
		pair := words.Say("%s = %s", items[j].ID, item.ID)
		switch {
		case items[j].Label != item.Label:
			torn = append(torn, words.Say("%s: %q and %q", pair, items[j].Label, item.Label))
		case items[j].Split == item.Split:
			within = append(within, pair)
		}
		if items[j].Split != item.Split {
			crossing = append(crossing, words.Say("%s (%s) = %s (%s)", items[j].ID, items[j].Split, item.ID, item.Split))
		}
	}
	return slices.Concat(
		finding(SeverityError, "identical-files", crossing, words.Say("a clip that was learned from is known, not recognised"),
			words.Say("keep one of each pair, or list the other under limits.exclude"),
			words.Say("%s of one split copied into another", words.Counted(len(crossing), "clip"))),
		finding(SeverityWarning, "labels-contradict", torn, words.Say("one of the two labels is wrong"), words.Say("watch the clip and correct the label"),
			words.Say("%s that two copies label differently", words.Counted(len(torn), "clip"))),
		finding(SeverityWarning, "copies-within-split", within, words.Say("a clip counted twice makes the interval narrower than it should be"),
			words.Say("keep one of each pair"), words.Say("%s there twice within a split", words.Counted(len(within), "clip"))))
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
	pairs := []words.Sentence{}
	for _, p := range [][2]string{{Train, Test}, {Train, Val}, {Val, Test}} {
		a, b := side[p[0]], side[p[1]]
		for _, t := range probe.NearDuplicates(f.X.Take(a), f.X.Take(b), nearDuplicate) {
			x, y := items[a[t.A]], items[b[t.B]]
			pairs = append(pairs, words.Say("%s (%s) and %s (%s), cosine %.4f", x.ID, x.Split, y.ID, y.Split, t.Cosine))
		}
	}
	return finding(SeverityWarning, "near-duplicates", pairs, words.Say("the same event may be on both sides, cut or encoded twice: scores on these clips say little"),
		words.Say("watch a few pairs; where they are one event, put both on one side with a group column"),
		words.Say("%s all but the same (cosine above %g) across splits", words.Counted(len(pairs), "clip"), nearDuplicate))
}

// confusedWords is the cosine of two classes' words above which the text
// encoder hardly tells them apart.
const confusedWords = 0.95

// confusedNames finds classes whose words the model takes for one another.
func confusedNames(classes []string, text probe.Matrix, prompts string) []Finding {
	pairs := []words.Sentence{}
	cosines := probe.Similarity(text, text)
	for i := range text.Rows {
		for j := i + 1; j < text.Rows; j++ {
			if c := cosines.Row(i)[j]; c > confusedWords {
				pairs = append(pairs, words.Say("%q and %q, cosine %.3f", classes[i], classes[j], c))
			}
		}
	}
	what := words.Say("%s of classes whose words the text encoder hardly tells apart", words.Counted(len(pairs), "pair"))
	if prompts != "" {
		what = words.Say("%s in prompts %s", what, prompts)
	}
	return finding(SeverityWarning, "names-confused", pairs, words.Say("zero-shot guesses between them, and methods that start from words start level"),
		words.Say("say what is seen, with words of their own under [prompts.NAME.classes]"), what)
}
