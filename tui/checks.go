package tui

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// What is wrong with an answer is said beside it, before a command is run;
// what only the command can know, it says itself.

// wrong is a problem with one answer, in the reader's language.
func (a *App) wrong(name, id string, args ...lang.Args) problem {
	return problem{name, a.text("wrong."+id, args...)}
}

// checkCriterion holds a proposed gate against the rules of gate.Criterion.
func checkCriterion(a *App, v values) (wrong []problem) {
	bad := func(name, id string, args ...lang.Args) { wrong = append(wrong, a.wrong(name, id, args...)) }
	if strings.ContainsAny(v["gate"], " \t") {
		bad("gate", "name")
	}
	m, err := gate.Find(v["metric"])
	if err != nil || m.Kind == gate.Signed {
		return wrong
	}
	if m.ByClass && v["class"] == "" {
		bad("class", "class", lang.Args{"Metric": m.Name})
	}
	x, percent, ok := words.Number(v["threshold"])
	low, high := 0.0, 1.0
	if m.Kind == gate.Gain {
		low = -1
	}
	switch {
	case m.Kind == gate.Measured && m.Unit != "":
		if !ok || percent || x < 0 {
			bad("threshold", "number")
		}
	case !ok || x < low || x > high:
		bad("threshold", "share", lang.Args{"Low": low, "High": high})
	}
	if n, err := strconv.Atoi(v["looks"]); m.Kind != gate.Measured && (err != nil || n < 1 || n > 100) {
		bad("looks", "looks")
	}
	return wrong
}

// checkAmount reads one number, or low,likely,high, of an assumption.
func (a *App) checkAmount(field, assumption, text string) []problem {
	if assumption == pilot.Currency && strings.ContainsAny(text, "0123456789") {
		return []problem{a.wrong(field, "currency")}
	}
	_, err := pilot.ParseAssumption(assumption, text)
	name, _, _ := strings.Cut(assumption, ":")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pilot.ErrComma):
		return []problem{a.wrong(field, "comma", lang.Args{"Decimal": strings.ReplaceAll(text, ",", "."), "Whole": strings.ReplaceAll(text, ",", "")})}
	case roi.IsShare(name):
		return []problem{a.wrong(field, "amount_share")}
	}
	return []problem{a.wrong(field, "amount")}
}

// tidy writes numbers as commands take them: in narrow digits and, where they
// are shares, 0.8 for 80 %.
func tidy(text string, share bool) string {
	parts := strings.Split(width.Narrow.String(text), ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		if x, percent, ok := words.Number(part); ok && percent && share {
			parts[i] = plain(x)
		}
	}
	return strings.Join(parts, ",")
}

func tidyShare(text string, _ values) string { return tidy(text, true) }
func tidyMoney(text string, _ values) string { return tidy(text, false) }

// tidyThreshold writes the threshold of a gate.
func tidyThreshold(text string, v values) string {
	m, err := gate.Find(v["metric"])
	return tidy(text, err == nil && m.Unit == "")
}

// tidyPath writes a path as it is meant: a window that a file is drawn into
// puts it in quotes, and ~ is the shell's word for one's own folder.
func tidyPath(text string, _ values) string {
	text = strings.TrimSpace(text)
	if n := len(text); n > 1 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		text = text[1 : n-1]
	}
	if rest, ok := strings.CutPrefix(text, "~"); ok && (rest == "" || rest[0] == '/') {
		if home, err := os.UserHomeDir(); err == nil {
			return home + rest
		}
	}
	return text
}

// checkDecision holds a decision against the rules of pilot.Decide that need
// no ledger.
func checkDecision(a *App, v values) (wrong []problem) {
	if v["answer"] == string(pilot.Conditions) && v["note"] == "" {
		wrong = append(wrong, a.wrong("note", "conditions"))
	}
	if v["approved"] != "" && strings.EqualFold(v["approved"], v["by"]) {
		wrong = append(wrong, a.wrong("approved", "approved"))
	}
	return wrong
}

// checkFolder says whether a folder could hold a new pilot.
func checkFolder(a *App, v values) []problem {
	if at, err := os.Stat(v["folder"]); err == nil && !at.IsDir() {
		return []problem{a.wrong("folder", "file")}
	}
	if adapt.HasLedger(v["folder"]) {
		return []problem{{"folder", a.text("new.taken")}}
	}
	return nil
}
