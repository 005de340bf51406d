package tui

import (
	"os"
	"strconv"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// What is wrong with an answer is said beside it, before a command is run;
// what only the command can know, it says itself.

// wrong is a problem with one answer, in the reader's language.
func (a *App) wrong(name, id string, args ...lang.Args) *problem {
	return &problem{name, a.text("wrong."+id, args...)}
}

// checkCriterion holds a proposed gate against the rules of gate.Criterion.
func checkCriterion(a *App, v values) *problem {
	m, err := gate.Find(v["metric"])
	if err != nil {
		return &problem{"metric", err.Error()}
	}
	if strings.ContainsAny(v["gate"], " \t") {
		return a.wrong("gate", "name")
	}
	if m.Kind == gate.Signed {
		return nil
	}
	if m.ByClass && v["class"] == "" {
		return a.wrong("class", "class", lang.Args{"Metric": m.Name})
	}
	if !m.ByClass && v["class"] != "" {
		return a.wrong("class", "no_class", lang.Args{"Metric": m.Name})
	}
	low, high, most := 0.0, 1.0, "1"
	switch {
	case m.Kind == gate.Gain:
		low = -1
	case m.Kind == gate.Measured && m.Unit != "":
		high, most = 1e300, ""
	}
	x, err := strconv.ParseFloat(v["threshold"], 64)
	if err != nil || !(x >= low && x <= high) {
		if most == "" {
			return a.wrong("threshold", "number")
		}
		return a.wrong("threshold", "share", lang.Args{"Low": low, "High": high})
	}
	if n, err := strconv.Atoi(v["looks"]); err != nil || n < 1 || n > 100 {
		return a.wrong("looks", "looks")
	}
	return nil
}

// checkAmount reads one number, or low,likely,high, of an assumption.
func (a *App) checkAmount(field, assumption, text string) *problem {
	if assumption == pilot.Currency {
		if strings.ContainsAny(text, "0123456789") {
			return a.wrong(field, "currency")
		}
		return nil
	}
	var numbers []float64
	for _, part := range strings.Split(strings.ReplaceAll(text, " ", ""), ",") {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return a.wrong(field, "amount")
		}
		numbers = append(numbers, x)
	}
	if _, err := pilot.NewAssumption(assumption, numbers); err != nil {
		if strings.HasPrefix(assumption, roi.HandledShare) {
			return a.wrong(field, "amount_share")
		}
		return a.wrong(field, "amount")
	}
	return nil
}

// checkDecision holds a decision against the rules of pilot.Decide that need
// no ledger.
func checkDecision(a *App, v values) *problem {
	switch {
	case v["answer"] == string(pilot.Conditions) && v["note"] == "":
		return a.wrong("note", "conditions")
	case v["approved"] != "" && strings.EqualFold(v["approved"], v["by"]):
		return a.wrong("approved", "approved")
	}
	return nil
}

// checkFolder says whether a folder could hold a new pilot.
func checkFolder(a *App, v values) *problem {
	if at, err := os.Stat(v["folder"]); err == nil && !at.IsDir() {
		return a.wrong("folder", "file")
	}
	if isLedger(v["folder"]) {
		return &problem{"folder", a.text("new.taken")}
	}
	return nil
}
