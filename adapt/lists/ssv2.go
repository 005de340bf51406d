package lists

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Something-Something V2 is published as labels.json, which numbers the
// templates without their brackets, and train.json, validation.json and
// test.json with lists of {"id", "label", "template"}; the template has
// brackets, "Holding [something]". The answers of the test part came later, as
// lines "id;template". Older copies put something-something-v2- before each name.
var (
	ssv2File    = regexp.MustCompile(`^(?:something-something-v2-)?(labels|train|validation|test)\.json$`)
	ssv2Labels  = regexp.MustCompile(`^(?:something-something-v2-)?labels\.json$`)
	ssv2Answers = regexp.MustCompile(`^(?:something-something-v2-)?test-answers\.csv$`)
	ssv2Choice  = regexp.MustCompile(`(?i)\.jsonl$`)
)

func isSSv2(l *List) bool {
	if !l.named(ssv2File) {
		return false
	}
	for _, name := range l.matching(ssv2File) {
		if text, err := l.text(name); err == nil && strings.Contains(text, `"template"`) {
			return true
		}
	}
	return false
}

func readSSv2(l *List) (Listing, error) {
	out := Listing{apart: true}
	known := map[string]bool{}
	for _, name := range l.matching(ssv2Labels) {
		numbers := map[string]json.Number{}
		if err := l.decode(name, &numbers); err != nil {
			return out, err
		}
		byNumber := make(map[int]string, len(numbers))
		var order []int
		for template, n := range numbers {
			i, err := strconv.Atoi(n.String())
			if err != nil || byNumber[i] != "" {
				return out, fault.New(fault.Input, "", "%s: label %q has the number %q, which is none or taken", l.shown(name), template, n)
			}
			byNumber[i], known[CleanLabel(template)] = template, true
			order = append(order, i)
		}
		slices.Sort(order)
		for _, i := range order {
			out.Classes = append(out.Classes, CleanLabel(byNumber[i]))
		}
	}
	answers := map[string]string{}
	for _, name := range l.matching(ssv2Answers) {
		err := l.eachLine(name, func(line, at string) error {
			id, template, ok := strings.Cut(line, ";")
			if !ok {
				return fault.New(fault.Input, "lines are like 1420;Holding something", "%s: no ; in %q", at, line)
			}
			answers[strings.TrimSpace(id)] = template
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	for _, name := range l.matching(ssv2File) {
		part := ssv2File.FindStringSubmatch(name)[1]
		if part == "labels" {
			continue
		}
		var clips []struct {
			ID       json.Number `json:"id"`
			Template string      `json:"template"`
		}
		if err := l.decode(name, &clips); err != nil {
			return out, err
		}
		split, _ := splitName(part)
		for i, c := range clips {
			id := c.ID.String()
			source := words.At(l.shown(name), 0) + "#" + strconv.Itoa(i+1)
			if id == "" || strings.ContainsAny(id, `/\`) {
				return out, fault.New(fault.Input, "", "%s: id %q names no video", source, id)
			}
			template := cmp.Or(c.Template, answers[id])
			label := CleanLabel(strings.NewReplacer("[", "", "]", "").Replace(template))
			switch {
			case label == "":
				out.skip("without a label", source)
			case len(known) > 0 && !known[label]:
				out.skip("template not in labels.json", source+": "+label)
			default:
				out.Clips = append(out.Clips, Clip{places: []string{id + ".webm"}, Labels: []string{label}, Split: split, Group: id, Source: source})
			}
		}
	}
	out.valIsTest()
	return out, nil
}

// The multiple choice list of the TVTSv2 repository has one object a line:
// clip_name, options (the same 174 sentences for all) and answer, the index of
// the right one.
func isSSv2MC(l *List) bool {
	if !ssv2Choice.MatchString(l.name) {
		return false
	}
	text, err := l.text(l.name)
	head, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return err == nil && strings.Contains(head, `"options"`) && strings.Contains(head, `"answer"`)
}

func readSSv2MC(l *List) (Listing, error) {
	out := Listing{apart: true}
	err := l.eachLine(l.name, func(line, at string) error {
		var q struct {
			Clip    string   `json:"clip_name"`
			Options []string `json:"options"`
			Answer  *int     `json:"answer"`
		}
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			return fault.New(fault.Input, `lines are like {"clip_name": "1.webm", "options": ["a", "b"], "answer": 0}`, "%s: %w", at, err)
		}
		if q.Clip == "" || q.Answer == nil || *q.Answer < 0 || *q.Answer >= len(q.Options) {
			return fault.New(fault.Input, "answer counts the options from 0", "%s: no clip_name, or an answer that is none of %s", at, words.Counted(len(q.Options), "option"))
		}
		for i := range q.Options {
			q.Options[i] = CleanLabel(q.Options[i])
		}
		if out.Classes == nil {
			out.Classes = q.Options
		} else if !slices.Equal(out.Classes, q.Options) {
			return fault.New(fault.Input, "only questions with one list of options for all clips can be scored",
				"%s: its options are others than those of the first line", at)
		}
		out.Clips = append(out.Clips, Clip{
			places: []string{q.Clip, "videos/" + q.Clip}, Labels: []string{q.Options[*q.Answer]}, Split: Test, Source: at,
		})
		return nil
	})
	return out, err
}

// decode reads a JSON file of the folder.
func (l *List) decode(name string, into any) error {
	text, err := l.text(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fault.New(fault.Input, "export it again", "%s: %w", l.shown(name), err)
	}
	return nil
}
