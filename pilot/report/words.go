package report

import (
	"strings"

	"framepilot/internal/lang"
	said "framepilot/internal/words"
	"framepilot/pilot"
)

// words says what a report says, in one language. Both languages give the same
// numbers in the same order; names of methods, classes and sites, and what the
// ledger keeps as text, stay as they were written.
type words struct{ language lang.Language }

// english is for what is not a report: the terminal, and words inside JSON.
var english = words{lang.English}

type args = lang.Args

// say is the message of this id in the report's catalogue.
func (w words) say(id string, a ...args) string { return w.language.Text("report."+id, a...) }

// count is "1 clip", "2 clips": what names a message under count.
func (w words) count(n int, what string) string { return w.say("count."+what, args{"Count": n}) }

// join lists texts: "a, b".
func (w words) join(texts []string) string { return w.fold("mark.comma", texts) }

// sentences sets sentences one after the other, without the last stop.
func (w words) sentences(texts []string) string { return w.fold("mark.stop", texts) }

func (w words) fold(id string, texts []string) string {
	text := ""
	for i, t := range texts {
		if i == 0 {
			text = t
			continue
		}
		text = w.say(id, args{"A": text, "B": t})
	}
	return text
}

// noted is a text with a remark: "text (note)".
func (w words) noted(text, note string) string {
	if note == "" {
		return text
	}
	return w.say("mark.noted", args{"Text": text, "Note": note})
}

// labelled is "label: text".
func (w words) labelled(label, text string) string {
	return w.say("mark.labelled", args{"Label": label, "Text": text})
}

// title is what a person calls a metric, or its own name with spaces.
func (w words) title(metric string) string {
	for prefix, direction := range map[string]string{"text_to_video_": "text_to_video", "video_to_text_": "video_to_text"} {
		if rest, ok := strings.CutPrefix(metric, prefix); ok {
			return w.join([]string{w.say("metric." + direction), w.title(rest)})
		}
	}
	if k, ok := strings.CutPrefix(metric, "top"); ok && isNumber(k) {
		return w.say("metric.top", args{"K": k})
	}
	if k, ok := strings.CutPrefix(metric, "r"); ok && isNumber(k) {
		return "R@" + k
	}
	if id := "metric." + metric; w.language.Has("report." + id) {
		return w.say(id)
	}
	return strings.ReplaceAll(metric, "_", " ")
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// kinds are the beginnings of the names of intervals, and their messages.
var kinds = []struct{ begins, id string }{
	{"BCa bootstrap over recordings", "bca"}, {"bootstrap over recordings and draws", "bootstrap_draws"}, {"bootstrap over recordings", "bootstrap"},
	{"Wilson over recordings", "wilson_recordings"}, {"Wilson", "wilson"}, {"wilson", "wilson"},
	{"resampled draws", "draws"}, {"Tango over recordings", "tango_recordings"}, {"Tango", "tango"},
}

// IntervalName is what an interval is called in a language, with its level.
func IntervalName(l lang.Language, kind string) string { return words{language: l}.kind(kind) }

// kind is what an interval is called, with its level: "Wilson 95 %". One that
// the catalogue does not know keeps its name.
func (w words) kind(text string) string {
	for _, k := range kinds {
		if level, ok := strings.CutPrefix(text, k.begins); ok && strings.Trim(level, " 0123456789.%") == "" {
			return w.say("interval."+k.id) + level
		}
	}
	return visible(text)
}

// verdict is what a comparison shows.
func (w words) verdict(text string) string {
	id := map[string]string{pilot.Better: "better", pilot.Worse: "worse", pilot.Unclear: "unclear"}[text]
	return w.known("compared", id)
}

// known is the message of a word from a small set; a word outside it stays.
func (w words) known(set, word string) string {
	if id := set + "." + word; word != "" && !strings.ContainsAny(word, ". ") && w.language.Has("report."+id) {
		return w.say(id)
	}
	return name(word)
}

// columns are the heads of a table by their ids; numbers stand right, and
// their ids begin with >.
func (w words) columns(ids ...string) []column {
	var out []column
	for _, id := range ids {
		id, num := strings.CutPrefix(id, ">")
		out = append(out, column{w.say("column." + id), num})
	}
	return out
}

// rule says how a setting was chosen; a rule outside the ladder stays as it is.
// told is text that the ledger keeps beside it as a sentence. Without one it is
// looked for as a whole.
func (w words) told(kept, text string) string {
	s := said.Kept(kept)
	if s.IsZero() {
		s = said.Say(text)
	}
	return w.language.Say(s)
}

func (w words) rule(text string) string {
	for _, r := range []struct{ rule, id string }{
		{"given", "given"}, {"fixed", "fixed"}, {"exact leave-one-group-out", "loo"}, {"grouped cross-validation", "cv"}, {"validation split", "validation"},
	} {
		if text == r.rule {
			return w.say("rule." + r.id)
		}
	}
	return name(text)
}
