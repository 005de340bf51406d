package adapt

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"framepilot/adapt/lists"
	"framepilot/internal/words"
	"framepilot/pilot"
)

// findings is what can be found in data without opening a clip.
func (d *Data) findings(p Plan) []Finding {
	return slices.Concat(
		leaks(d.Items), d.joinedNames(), d.numberedLabels(), lookalikes(d.Classes), d.fewClips(), d.missingFiles(), d.untrained(p))
}

// leaks finds recordings in two of train, val and test. Clips nobody learns
// from or chooses by, having no label, give nothing away.
func leaks(items []Item) []Finding {
	first := map[string]Item{} // recording → its first clip in any split
	found := map[string]words.Sentence{}
	for _, item := range items {
		if item.Split == "" || item.Label == "" {
			continue
		}
		other, ok := first[item.Group]
		if !ok {
			first[item.Group] = item
		} else if other.Split != item.Split && found[item.Group].IsZero() {
			found[item.Group] = words.Say("%s: %s is %s (%s), %s is %s (%s)",
				item.Group, other.ID, other.Split, other.source, item.ID, item.Split, item.source)
		}
	}
	lines := []words.Sentence{}
	for _, group := range sortedKeys(found) {
		lines = append(lines, found[group])
	}
	return finding(SeverityError, "group-crosses-splits", lines,
		words.Say("clips of one recording are alike: the score, or the choice of settings, would be of memory, not of skill"),
		words.Say("give all clips of a recording the same split; if these are different recordings, give them different group names"),
		words.Say("%s in two of train, val and test", words.Counted(len(lines), "recording")))
}

// lookalikes finds labels that differ only by case, width (half- and
// full-width letters) or blanks: probably one class written two ways.
func lookalikes(labels []string) []Finding {
	first := map[string]string{}
	pairs := []words.Sentence{}
	for _, label := range labels {
		folded := strings.ToLower(norm.NFKC.String(strings.Join(strings.Fields(label), " ")))
		if other, ok := first[folded]; ok {
			pairs = append(pairs, words.Say("%q and %q", other, label))
			continue
		}
		first[folded] = label
	}
	return finding(SeverityWarning, "labels-alike", pairs,
		words.Say("one class counted as two: each is mistaken for the other, and has half the clips"),
		words.Say("write them the same way, where they are one class"),
		words.Say("classes that differ only by case, width or blanks; they are kept apart"))
}

// joinedNames finds classes whose name reads as several, or as none, where a
// clip may be of several.
func (d *Data) joinedNames() []Finding {
	names := []words.Sentence{}
	for _, c := range d.Classes {
		if d.Multi && len(pilot.Tags(c)) != 1 {
			names = append(names, words.Plain(strconv.Quote(c)))
		}
	}
	return finding(SeverityError, "names-of-several", names,
		words.Say("a clip of it would read as one of several other classes, or of none"),
		words.Say("write its name without |, and not %s", pilot.NoClass),
		words.Say("%s whose names read as several", words.Counted(len(names), "class")))
}

// numberedLabels finds labels that are numbers, and tables that count the
// same classes from different ends.
func (d *Data) numberedLabels() (found []Finding) {
	type span struct{ low, high int }
	files := map[string]span{}
	numbers := []words.Sentence{}
	for _, item := range d.Items {
		for _, label := range item.Labels {
			n, err := strconv.Atoi(label)
			if err != nil {
				return nil
			}
			file, _, _ := strings.Cut(item.source, ":")
			s, ok := files[file]
			if !ok {
				s = span{n, n}
			}
			files[file] = span{min(s.low, n), max(s.high, n)}
		}
	}
	if len(files) == 0 {
		return nil
	}
	low, high := []words.Sentence{}, []words.Sentence{} // tables that count from 0 and from 1
	var most [2]int
	for _, file := range sortedKeys(files) {
		s := files[file]
		numbers = append(numbers, words.Say("%s: %d to %d", file, s.low, s.high))
		switch s.low {
		case 0:
			low, most[0] = append(low, numbers[len(numbers)-1]), max(most[0], s.high)
		case 1:
			high, most[1] = append(high, numbers[len(numbers)-1]), max(most[1], s.high)
		}
	}
	if len(low) > 0 && len(high) > 0 && most[1] == most[0]+1 {
		found = finding(SeverityError, "labels-count-from", append(low, high...),
			words.Say("every class of the one would be scored as its neighbour in the other"),
			words.Say("count from 0 in all tables, or write the classes' names"),
			words.Say("labels are numbers that count from 0 in one table and from 1 in another"))
	}
	return append(found, finding(SeverityWarning, "labels-are-numbers", numbers,
		words.Say("the text encoder is asked for a person 3: zero-shot and methods that start from words are as good as guessing"),
		words.Say("write the classes' names, or give words under [prompts.NAME.classes]"), words.Say("labels are numbers"))...)
}

// fewClips finds classes with too little to tell anything.
func (d *Data) fewClips() []Finding {
	clips, groups := map[int]int{}, map[int]map[string]bool{}
	for i, list := range d.truth() {
		for _, c := range list {
			clips[c]++
			if groups[c] == nil {
				groups[c] = map[string]bool{}
			}
			groups[c][d.Items[i].Group] = true
		}
	}
	one, alone := []words.Sentence{}, []words.Sentence{}
	for c, class := range d.Classes {
		switch {
		case clips[c] == 1:
			one = append(one, words.Say("%q", class))
		case len(groups[c]) == 1:
			alone = append(alone, words.Say("%q", class))
		}
	}
	return append(finding(SeverityWarning, "one-clip", one,
		words.Say("it can be learned from or tested on, not both"), words.Say("label more clips of it, from another recording, or leave it out"),
		words.Say("%s with one clip", words.Counted(len(one), "class"))),
		finding(SeverityWarning, "one-recording", alone,
			words.Say("its recording can be learned from or tested on, not both: the class is never told apart from the recording"),
			words.Say("add clips of it from another recording"), words.Say("%s with clips of one recording only", words.Counted(len(alone), "class")))...)
}

// missingFiles finds published lists whose videos are not all there.
func (d *Data) missingFiles() (found []Finding) {
	for _, a := range d.Read {
		for _, s := range a.Skipped {
			if s.Why == lists.MissingFile {
				found = append(found, finding(SeverityWarning, "files-missing", words.Plains([]string{s.Example}),
					words.Say("scores are of the clips that are there: they are not those published for the whole list"),
					words.Say("fetch the missing videos, or name the folder they are in with root"),
					words.Say("%s: %s of the list not found", a.Source, words.Counted(s.Clips, "video")))...)
			}
		}
		if a.Known > a.Classes {
			found = append(found, finding(SeverityWarning, "empty-classes", nil,
				words.Say("a choice among fewer classes is easier: scores are not those published for all"),
				words.Say("add their clips, or say so beside the score"),
				words.Say("%s: %s of the %d the list knows have no clips", a.Source, words.Counted(a.Known-a.Classes, "class"), a.Known))...)
		}
	}
	return found
}

// shots finds classes with fewer labelled clips than the plan asks for: a
// smaller training set under the same name would be a lie.
func (d *Data) shots(p Plan) []Finding {
	const check = "classes-below-shots"
	from := words.Say("all sites")
	if len(p.Split.Train) > 0 {
		from = words.Say("site %s", strings.Join(p.Split.Train, ", "))
	}
	have := d.trainCounts(p)
	short, said := []words.Sentence{}, map[string]bool{}
	for _, m := range p.Methods {
		if len(m.Shots) == 0 {
			continue
		}
		if filled := len(have) - countZeros(have); filled < 2 {
			return finding(SeverityError, check, nil, words.Say("there is nothing to tell apart"),
				words.Say("label training clips of two classes, or train on more sites"),
				words.Say("%s has training clips (%s); %s needs two classes", words.Counted(filled, "class"), from, m.Name))
		}
		most := slices.Max(m.Shots)
		for c, n := range have {
			line := words.Say("class %q has %s, %s with %d shots needs %d", d.Classes[c], words.Counted(n, "training clip"), m.Name, most, most)
			if n < most && !said[line.String()] {
				short, said[line.String()] = append(short, line), true
			}
		}
	}
	return finding(SeverityError, check, short, words.Say("fewer clips under the same name of a number of shots would be another experiment"),
		words.Say("label more clips of these classes, or ask for fewer shots"), words.Say("too few training clips (%s)", from))
}

// untrained finds classes that no method can learn, and sites that can't be
// scored.
func (d *Data) untrained(p Plan) (found []Finding) {
	learns := slices.ContainsFunc(p.Methods, func(m Method) bool { return len(m.Shots) > 0 })
	for c, n := range d.trainCounts(p) {
		if n == 0 && learns {
			found = append(found, finding(SeverityWarning, "class-untrained", nil, words.Say("its test clips count as mistakes of every method that learns"),
				words.Say("label training clips of it, or leave the class out"),
				words.Say("class %q has no training clips: methods that learn will never name it", d.Classes[c]))...)
		}
	}
	for _, site := range d.Sites {
		if len(p.Methods) > 0 && len(d.labelled(d.testRows(site))) == 0 {
			found = append(found, finding(SeverityWarning, "site-untested", nil, words.Say("there is no number for it"), words.Say("label clips of it for testing"),
				words.Say("site %s has no labelled test clips: nothing is scored there", site))...)
		}
	}
	return found
}
