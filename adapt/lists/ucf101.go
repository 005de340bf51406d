package lists

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// UCF101 is published as classInd.txt ("1 ApplyEyeMakeup") and three pairs of
// trainlist0N.txt ("ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1") and
// testlist0N.txt (without the number). The 25 groups of a class are each cut
// from one video, and the published splits keep them together.
var (
	ucfList  = regexp.MustCompile(`^(?:train|test)list0(\d)\.txt$`)
	ucfGroup = regexp.MustCompile(`_(g\d+)_c\d+`)
)

func isUCF101(l *List) bool {
	return l.named(ucfList) || l.name == "classInd.txt"
}

func readUCF101(l *List) (Listing, error) {
	out := Listing{apart: true}
	fold := "1"
	if m := ucfList.FindStringSubmatch(l.name); m != nil {
		fold = m[1]
	} else {
		out.note(words.Say("split 1; name trainlist02.txt or trainlist03.txt for another"))
	}
	number, err := readClassIndex(l, &out)
	if err != nil {
		return out, err
	}
	for _, part := range []struct{ split, name string }{{Train, "trainlist0" + fold + ".txt"}, {Test, "testlist0" + fold + ".txt"}} {
		if !l.has(part.name) {
			out.note(words.Say("there is no %s", part.name))
			continue
		}
		err := l.eachLine(part.name, func(line, at string) error {
			file, label, _ := lastBlank(line)
			n, err := strconv.Atoi(label)
			if err != nil {
				file, n = line, 0
			}
			class, _, ok := strings.Cut(file, "/")
			if !ok {
				return fault.New(fault.Input, "lines are like Class/v_Class_g01_c01.avi", "%s: %q has no class folder", at, line)
			}
			if want := number[class]; n != 0 && want != 0 && n != want || err == nil && n == 0 {
				return fault.New(fault.Input, "labels of UCF101 count from 1; use the published lists",
					"%s: label %d of %s, which classInd.txt calls %d", at, n, class, want)
			}
			if len(number) > 0 && number[class] == 0 {
				return fault.New(fault.Input, "", "%s: class %q is not in classInd.txt", at, class)
			}
			c := Clip{places: []string{file, path.Base(file)}, Labels: []string{class}, Split: part.split, Source: at}
			if m := ucfGroup.FindStringSubmatch(path.Base(file)); m != nil {
				c.Group = class + "/" + m[1]
			}
			out.Clips = append(out.Clips, c)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// readClassIndex reads classInd.txt, where there is one.
func readClassIndex(l *List, out *Listing) (map[string]int, error) {
	number := map[string]int{}
	if !l.has("classInd.txt") {
		return number, nil
	}
	err := l.eachLine("classInd.txt", func(line, at string) error {
		n, name, ok := strings.Cut(line, " ")
		i, err := strconv.Atoi(n)
		if name = strings.TrimSpace(name); !ok || err != nil || i < 1 || name == "" {
			return fault.New(fault.Input, "lines are like 1 ApplyEyeMakeup, counted from 1", "%s: %q is no class", at, line)
		}
		number[name] = i
		out.Classes = append(out.Classes, name)
		return nil
	})
	return number, err
}
