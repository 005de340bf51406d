package lists

import (
	"regexp"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// HMDB51 is published as one file a class and split,
// <class>_test_split{1,2,3}.txt, with lines "name.avi 1": 1 is for training, 2
// for testing, 0 not used in this split. Names may begin with # and hold
// blanks. Clips of one film are named alike up to the class.
var hmdbList = regexp.MustCompile(`^(.+)_test_split([123])\.txt$`)

func isHMDB51(l *List) bool { return l.named(hmdbList) }

func readHMDB51(l *List) (Listing, error) {
	out := Listing{apart: true}
	fold := "1"
	if m := hmdbList.FindStringSubmatch(l.name); m != nil {
		fold = m[2]
	} else {
		out.note(words.Say("split 1; name a file of _test_split2.txt or _test_split3.txt for another"))
	}
	for _, name := range l.matching(hmdbList) {
		m := hmdbList.FindStringSubmatch(name)
		class := m[1]
		if m[2] != fold {
			continue
		}
		out.Classes = append(out.Classes, class)
		err := l.eachLine(name, func(line, at string) error {
			file, part, ok := lastBlank(line)
			split := map[string]string{"0": "", "1": Train, "2": Test}
			if _, known := split[part]; !ok || !known {
				return fault.New(fault.Input, "lines are like name.avi 1: 1 to train, 2 to test, 0 unused", "%s: %q ends in none of 0, 1 and 2", at, line)
			}
			if part == "0" {
				out.skip("marked 0, unused in this split", at+": "+file)
				return nil
			}
			film, _, _ := strings.Cut(file, "_"+class+"_")
			out.Clips = append(out.Clips, Clip{
				places: []string{class + "/" + file, file}, Labels: []string{class}, Split: split[part],
				Group: class + "/" + film, Source: at,
			})
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
