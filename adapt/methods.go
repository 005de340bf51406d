package adapt

import (
	"slices"

	"framepilot/fewshot"
	"framepilot/probe"
)

// closedForm are the methods whose fit is a formula: many draws of their
// clips cost little.
var closedForm = []string{"nearest-mean", "ridge", "tip", "gda", "ss-text", "proker"}

// defaultDraws is how often clips are drawn for a method of that name: often
// enough to see what bad luck costs, where that takes no time.
func defaultDraws(name string) int {
	if slices.Contains(closedForm, name) {
		return 20
	}
	return 5
}

// Methods lists every method that a plan or `framepilot fit` may name.
func Methods() []probe.Method {
	return slices.Concat(probe.Methods(), fewshot.Methods(), fewshot.MultiMethods())
}
