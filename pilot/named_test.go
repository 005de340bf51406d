package pilot

import "testing"

// A recipe is found by its name, and by less of it as long as that says which.
func TestNamed(t *testing.T) {
	result := func(label, prompts string, draw int) Result {
		return Result{Label: label, Prompts: prompts, Draw: draw}
	}
	all := []Result{
		result("zero-shot", "names", 0), result("zero-shot", "described", 0),
		result("auto, all clips", "names", 0),
		result("gda, 4 shots", "names", 1), result("gda, 4 shots", "names", 2),
		result("tip, 4 shots", "names", 1), result("tip, 4 shots", "described", 1),
		result("logistic, 4 shots", "", 1), result("logistic, 4 shots", "", 2),
	}
	for name, want := range map[string]string{
		"zero-shot, prompts: described":    "zero-shot, prompts: described",
		"zero-shot":                        "", // of two sets
		"auto, all clips":                  "auto, all clips, prompts: names",
		"auto, all clips, prompts: other":  "",
		"gda, 4 shots":                     "gda, 4 shots, prompts: names #1",
		"gda, 4 shots #2":                  "gda, 4 shots, prompts: names #2",
		"gda, 4 shots #3":                  "",
		"gda, 4 shots, prompts: names":     "gda, 4 shots, prompts: names #1",
		"tip, 4 shots":                     "",
		"tip, 4 shots, prompts: described": "tip, 4 shots, prompts: described #1",
		"logistic, 4 shots":                "logistic, 4 shots #1",
		"logistic, 4 shots #2":             "logistic, 4 shots #2",
		"":                                 "",
	} {
		got, ok := Named(all, name)
		if text := got.Recipe(); ok != (want != "") || text != want {
			t.Errorf("%q is %q, %v; want %q", name, text, ok, want)
		}
	}
}
