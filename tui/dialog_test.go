package tui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
)

// A choice is moved as the lists of a desktop are, and never holds a text that
// is none of its options.
func TestChoicesByKey(t *testing.T) {
	options := []string{"top1", "macro_recall", "macro_f1", "worst_recall", "two words", "転倒"}
	for _, c := range []struct{ from, keys, want string }{
		{"top1", "right", "macro_recall"}, {"top1", "left", "転倒"}, {"転倒", "right", "top1"}, {"", "right", "top1"}, {"", "left", "転倒"},
		{"top1", "space", "macro_recall"}, {"top1", "end", "転倒"}, {"macro_f1", "home", "top1"},
		{"top1", "m", "macro_recall"}, {"top1", "m m", "macro_f1"}, {"top1", "m m m", "macro_recall"}, {"", "t", "top1"},
		{"top1", "W", "worst_recall"}, {"top1", "t", "two words"}, {"top1", "t w o space w", "two words"}, {"top1", "転", "転倒"},
		{"top1", "m a c r o _ f", "macro_f1"}, {"top1", "m a c", "macro_recall"},
		{"top1", "m 9 m 9", "macro_recall"}, {"top1", "x", "top1"}, {"top1", "backspace", "top1"}, {"top1", "ctrl+u", "top1"}, {"top1", "delete w", "worst_recall"},
		{"top1", "m wait w", "worst_recall"},
	} {
		var f finder
		value, now := c.from, noon
		for _, key := range strings.Fields(c.keys) {
			now = now.Add(together / 2)
			if key == "wait" {
				now = now.Add(time.Hour)
				continue
			}
			if value = f.key(options, value, key, now); !slices.Contains(options, value) {
				t.Fatalf("%s, then %s: %q is no option", c.from, c.keys, value)
			}
		}
		if value != c.want {
			t.Errorf("%q, then %s: %q, want %q", c.from, c.keys, value, c.want)
		}
	}
}

func TestMeant(t *testing.T) {
	options := []string{"go", "go on", "conditions", "No-Go"}
	for text, want := range map[string]int{"go": 0, "GO ON": 1, "cond": 2, "no": 3, "g": -1, "stop": -1} {
		if got := meant(options, text); got != want {
			t.Errorf("meant(%q) = %d, want %d", text, got, want)
		}
	}
}

// form is the dialog on the page.
func form(t *testing.T, a *App) page.Form {
	t.Helper()
	for _, b := range a.Page().Blocks {
		if f, ok := b.(page.Form); ok {
			return f
		}
	}
	t.Fatalf("nothing is asked; the page is %+v", a.Page())
	return page.Form{}
}

// retype goes to a question by its label and writes over what stands there.
func retype(t *testing.T, a *App, label, text string) page.Input {
	t.Helper()
	at := slices.IndexFunc(form(t, a).Inputs, func(in page.Input) bool { return in.Label == label })
	if at < 0 {
		t.Fatalf("nobody asks %q", label)
	}
	for form(t, a).At != at {
		press(a, "down")
	}
	press(a, "ctrl+u")
	fill(a, text)
	press(a, "enter")
	return form(t, a).Inputs[at]
}

// What can't be an amount is told beside its question as soon as one goes on,
// by Enter or past it; what can be is written as commands take it.
func TestAmountsAreCheckedAtOnce(t *testing.T) {
	full, _ := folders(t)
	for _, c := range []struct{ label, typed, value, says string }{
		{"Clips a month", "abc", "abc", "One number"},
		{"Clips a month", "5,3", "5,3", "Write 5.3 or 53"},
		{"Clips a month", "9,000", "9,000", "Write 9.000 or 9000"},
		{"Clips a month", "80%", "80%", "One number"},
		{"Clips a month", "3,2,1", "3,2,1", "rising order"},
		{"Clips a month", "NaN", "NaN", "One number"},
		{"Clips a month", "９０００", "9000", ""},
		{"Clips a month", " 9000, 1e4 ,12000", "9000,1e4,12000", ""},
		{"Share handled", "80%", "0.8", ""},
		{"Share handled", "70 %, 80 %, 90 %", "0.7,0.8,0.9", ""},
		{"Share handled", "８０％", "0.8", ""},
		{"Share handled", "80", "80", "A share"},
		{"Share handled", "120 %", "1.2", "A share"},
		{"Currency", "12", "12", "A word"},
		{"Cost of an error", "-5", "-5", "One number"},
	} {
		a, _ := newApp(t, full, lang.English)
		press(a, "6", "enter")
		in := retype(t, a, c.label, c.typed)
		if in.Value != c.value || !strings.Contains(in.Problem, c.says) || (in.Problem == "") != (c.says == "") {
			t.Errorf("%s, %q: %q stands there, and beside it %q", c.label, c.typed, in.Value, in.Problem)
		}
		moved := form(t, a).Inputs[form(t, a).At].Label != c.label
		if moved != (c.says == "") {
			t.Errorf("%s, %q: Enter goes on: %v", c.label, c.typed, moved)
		}
	}
	a, _ := newApp(t, full, lang.English)
	press(a, "6", "enter", "down", "ctrl+u")
	fill(a, "abc")
	press(a, "down", "down")
	if in := form(t, a).Inputs[1]; in.Problem == "" {
		t.Error("past a wrong answer nothing is said beside it")
	}
	press(a, "up", "up", "ctrl+u")
	if in := form(t, a).Inputs[1]; in.Problem != "" {
		t.Errorf("it is being mended and %q still stands there", in.Problem)
	}
}

// What nobody has measured is asked about once; what was is offered.
func TestUnknownNamesAreAskedAbout(t *testing.T) {
	full, empty := folders(t)
	a, f := newApp(t, full, lang.English)
	press(a, "1", "p")
	retype(t, a, "What must be shown", "tells falls")
	in := retype(t, a, "Site", "nihgt")
	if !strings.Contains(in.Problem, "(but night)") || !strings.Contains(in.Problem, "Enter again") {
		t.Errorf("beside an unknown site stands %q", in.Problem)
	}
	press(a, "enter")
	if f := form(t, a); f.Inputs[f.At].Label != "Recipe" {
		t.Errorf("Enter again leads to %s", f.Inputs[f.At].Label)
	}
	if in = retype(t, a, "Site", "night"); in.Problem != "" {
		t.Errorf("beside a known site stands %q", in.Problem)
	}
	if in = retype(t, a, "Recipe", "logistic"); !strings.Contains(in.Problem, "gda, 1 shot, prompts: names; gda, 4 shots") {
		t.Errorf("beside an unknown recipe stands %q", in.Problem)
	}
	for _, known := range []string{"gda, 4 shots, prompts: names", "gda, 4 shots, prompts: names #2"} {
		if in = retype(t, a, "Recipe", known); in.Problem != "" {
			t.Errorf("beside %s stands %q", known, in.Problem)
		}
	}
	press(a, "up", "ctrl+u", "right")
	var seen []string
	for range 3 {
		seen = append(seen, form(t, a).Inputs[form(t, a).At].Value)
		press(a, "right")
	}
	if got := strings.Join(seen, "|"); got != "gda, 1 shot, prompts: names|gda, 4 shots, prompts: names|zero-shot, prompts: names" {
		t.Errorf("right goes through %s", got)
	}
	press(a, "ctrl+u")
	fill(a, "ze")
	press(a, "left", "right", "right")
	if got := form(t, a).Inputs[form(t, a).At].Value; got != "zero-shot, prompts: names" {
		t.Errorf("right after a beginning leads to %q", got)
	}
	press(a, "esc", "p")
	retype(t, a, "What must be shown", "tells falls")
	retype(t, a, "Measured by", "recall")
	if in = retype(t, a, "Class", "lyft"); !strings.Contains(in.Problem, "(but lift)") {
		t.Errorf("beside an unknown class stands %q", in.Problem)
	}
	retype(t, a, "Site", "moon")
	press(a, "enter")
	retype(t, a, "Threshold", "70 %")
	for a.dialog != nil {
		press(a, "enter")
	}
	if got := f.ran[len(f.ran)-1]; !strings.Contains(got, "--at-least 0.7 --class lyft --site moon") {
		t.Errorf("what ran is %s", got)
	}

	a, _ = newApp(t, empty, lang.English) // nothing is known: nothing is unknown
	a.board, a.boardErr = pilot.Board{Book: pilot.Book{Open: []gate.Stage{gate.Pilot}}}, nil
	settle(a, a.askPropose(nil))
	if in := retype(t, a, "Site", "moon"); in.Problem != "" {
		t.Errorf("where nothing was measured, beside a site stands %q", in.Problem)
	}
}

// A gate whose site has been measured is not said to be sealed before the data
// is opened: the board, the dialog and its command say late, and why it counts.
func TestSealingLateIsSaid(t *testing.T) {
	dir := t.TempDir()
	newFolder(t, dir)
	ctx := t.Context()
	propose := func(name, site string) {
		l, err := pilot.Open(ctx, dir+"/.framepilot/ledger.db")
		must(t, err)
		defer l.Close()
		_, err = l.Propose(ctx, "", "K. Sato", gate.Criterion{Name: name, Stage: gate.Pilot, Text: "by " + site, Metric: "top1", Site: site, Bound: gate.AtLeast, Threshold: 0.7})
		must(t, err)
	}
	propose("G4", "dusk")
	a, _ := newApp(t, dir, lang.English)
	if got := a.board.Next; got.Kind != pilot.DoSeal || got.Late || a.board.Seen["G4"] != 0 {
		t.Errorf("next is %+v", got)
	}
	press(a, "1", "enter")
	if f := form(t, a); len(f.Inputs) != 1 {
		t.Errorf("a gate in time is asked for %+v", f.Inputs)
	}
	press(a, "esc")
	propose("G4", "night")
	press(a, "r")
	if !strings.Contains(page1(a), "seal gate G4, late") || strings.Contains(page1(a), "before the data") {
		t.Errorf("the board says %s", page1(a))
	}
	press(a, "enter")
	if f := form(t, a); len(f.Inputs) != 2 || !strings.Contains(page1(a), "14 results of its site have been seen") {
		t.Errorf("the dialog says %s and asks %+v", page1(a), f.Inputs)
	}
	press(a, "enter")
	if f := form(t, a); f.Inputs[0].Problem == "" {
		t.Error("no reason is asked for")
	}
}

// page1 is the text of a page, from its first paragraphs.
func page1(a *App) string {
	var texts []string
	for _, b := range a.Page().Blocks {
		if text, ok := b.(page.Text); ok {
			texts = append(texts, text.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// Whatever can be measured is explained in both languages.
func TestMetricsAreExplained(t *testing.T) {
	for _, m := range gate.Metrics() {
		for _, l := range lang.All() {
			if !l.Has("metric." + m.Name) {
				t.Errorf("metric.%s is missing in %s", m.Name, l)
			}
		}
	}
}

// What begins like a flag is none.
func TestTextIsNoFlag(t *testing.T) {
	full, _ := folders(t)
	a, f := newApp(t, full, lang.English)
	press(a, "8", "n")
	fill(a, "-- 3 clips less")
	press(a, "enter", "enter")
	if got := f.ran[len(f.ran)-1]; got != "framepilot pilot note --by K. Sato -- -- 3 clips less" {
		t.Errorf("what ran is %s", got)
	}
}

// Only what a metric takes is asked for, and only that is said in the command.
func TestQuestionsFollowTheMetric(t *testing.T) {
	full, _ := folders(t)
	for metric, want := range map[string]string{
		"top1":           "Short name|What must be shown|Measured by|Bound|Threshold|Site|Recipe|Looks|Your name",
		"recall":         "Short name|What must be shown|Measured by|Class|Bound|Threshold|Site|Recipe|Looks|Your name",
		"clips_per_hour": "Short name|What must be shown|Measured by|Bound|Threshold|Your name",
		"sign-off":       "Short name|What must be shown|Measured by|Your name",
	} {
		a, f := newApp(t, full, lang.English)
		press(a, "1", "p")
		fill(a, "it works")
		press(a, "enter")
		settle(a, a.Type("recall")) // and another answer, which is left behind
		fill(a, "lift")
		press(a, "up")
		settle(a, a.Type(metric))
		var labels []string
		for _, in := range form(t, a).Inputs {
			labels = append(labels, in.Label)
		}
		if got := strings.Join(labels, "|"); got != want {
			t.Errorf("%s: asked are %s, want %s", metric, got, want)
		}
		press(a, "down")
		for range labels {
			press(a, "down") // around
		}
		for a.dialog != nil {
			press(a, "enter")
		}
		ran := f.ran[len(f.ran)-1]
		for flag, label := range map[string]string{"--class lift": "Class", "--at-least 0.7": "Threshold", "--looks 1": "Looks"} {
			if strings.Contains(ran, flag) != slices.Contains(labels, label) {
				t.Errorf("%s: what ran is %s", metric, ran)
			}
		}
	}
}

// Much that was typed is not lost to one key.
func TestEscAsksWhereMuchWasTyped(t *testing.T) {
	full, _ := folders(t)
	a, _ := newApp(t, full, lang.English)
	press(a, "1", "p")
	fill(a, "falls")
	press(a, "esc")
	if a.dialog != nil {
		t.Error("one answer is worth two presses of Esc")
	}
	press(a, "p")
	fill(a, "falls")
	press(a, "enter", "right", "esc")
	if a.dialog == nil || !strings.Contains(a.Page().Foot[0].(page.Text).Text, "Esc again") {
		t.Fatalf("two answers are gone: %+v", a.Page())
	}
	press(a, "down", "esc")
	if a.dialog == nil {
		t.Fatal("another key in between, and Esc still leaves at once")
	}
	press(a, "esc")
	if a.dialog != nil {
		t.Error("Esc, Esc does not leave")
	}
}

// A folder is meant as people write it, and must be there.
func TestFolders(t *testing.T) {
	dir, _ := folders(t)
	full, err := filepath.Abs(dir)
	must(t, err)
	t.Setenv("HOME", full)
	for typed, want := range map[string]string{"~": full, "~/day": full + "/day", "'" + full + "'": full, `"a b"`: "a b", "~other": "~other", "'": "'", " day ": "day", "": ""} {
		if got := tidyPath(typed, nil); got != want {
			t.Errorf("tidyPath(%q) = %q, want %q", typed, got, want)
		}
	}
	a, _ := newApp(t, full, lang.English)
	press(a, "3", "f")
	if in := retype(t, a, "Folder", "nowhere"); in.Problem != "There is no such folder." {
		t.Errorf("beside a folder that is not there stands %q", in.Problem)
	}
	if in := retype(t, a, "Folder", "plan.toml"); in.Problem != "This is a file; name a folder." {
		t.Errorf("beside a file stands %q", in.Problem)
	}
	if in := retype(t, a, "Folder", "~/day"); in.Problem != "" || in.Value != full+"/day" {
		t.Errorf("beside %q stands %q", in.Value, in.Problem)
	}
}

// A proposal is written over by what is typed, and edited by keys that edit.
func TestProposalsAreWrittenOver(t *testing.T) {
	full, _ := folders(t)
	for keys, want := range map[string]string{"3": "3", "1 0": "10", "backspace 3": "3", "right 3": "13", "left 3": "31", "end 0": "10", "ctrl+u 4": "4", "down up 3": "3", "2 down up 3": "23", "3 ctrl+z ctrl+z": "1"} {
		a, _ := newApp(t, full, lang.English)
		press(a, "1", "p")
		for form(t, a).Inputs[form(t, a).At].Label != "Looks" {
			press(a, "down")
		}
		press(a, strings.Fields(keys)...)
		f := form(t, a)
		if got := f.Inputs[f.At].Value; got != want {
			t.Errorf("%s: %q, want %q", keys, got, want)
		}
	}
}
