package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"framepilot/adapt"
	"framepilot/adapt/live"
	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// planFile is the plan of a pilot, in its folder.
const planFile = "plan.toml"

// runScreen says whether the run is healthy, and steers it. The run is a
// process of its own: nothing here keeps it alive or ends it but its commands.
type runScreen struct {
	clips   list           // that can't be used
	said    list           // what happened
	dry     *adapt.Summary // what a dry run said
	drying  bool
	showLog bool
}

func (s *runScreen) typing() bool { return s.clips.asking || s.said.asking }

// list is the table the keys are for: of clips that can't be used where there
// are any, else of what happened.
func (s *runScreen) list(a *App) *list {
	if len(a.runs.seen.state.Failed) > 0 {
		return &s.clips
	}
	return &s.said
}

func (s *runScreen) open(a *App) []Task { return a.runs.look(a.o.Now()) }

func (s *runScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case ran:
		if slices.Contains(r.args, "--dry-run") {
			s.drying = false
			if r.err == nil && r.Code == 0 {
				s.dry, a.notice = readDry(a, r.Out), nil
			}
		}
		return a.runs.look(a.o.Now())
	case began:
		s.dry = nil
	}
	return nil
}

func (s *runScreen) key(a *App, key string) []Task {
	if s.list(a).key(key) {
		return nil
	}
	actions := s.actions(a)
	i := slices.IndexFunc(actions, func(x page.Action) bool { return x.Key == key })
	switch {
	case i < 0 && key != "esc":
		return nil // not now: there is nothing to pause while it starts
	case i >= 0 && actions[i].Why != "":
		a.status = actions[i].Label + ": " + actions[i].Why
		return nil
	}
	switch key {
	case "enter":
		if a.runs.seen.standing() == "done" {
			return a.goTo("compare")
		}
		return a.startRun()
	case "a":
		return a.startRun()
	case "p":
		if a.runs.seen.standing() == "paused" {
			return a.run("runs", "resume")
		}
		return a.run("runs", "pause")
	case "s":
		return a.run("runs", "stop")
	case "d":
		a.quit = true
	case "e":
		s.drying = true
		return a.run("run", planFile, "--dry-run", "--json")
	case "l":
		s.showLog = !s.showLog
	case "5":
		return a.goTo("compare")
	case "esc":
		s.dry = nil
	}
	return nil
}

// hasPlan says whether there is a plan to run.
func (a *App) hasPlan() bool {
	_, err := os.Stat(filepath.Join(a.dir, planFile))
	return err == nil
}

// startRun begins or continues the plan, in a process of its own.
func (a *App) startRun() []Task {
	switch {
	case !a.hasPlan():
		return a.goTo("recipe")
	case a.runs.seen.alive || a.runs.seen.starting:
		return a.goTo("run")
	}
	tasks := a.goTo("run")
	a.status = a.text("run.begun")
	return append(tasks, a.start("run", planFile)...)
}

func (s *runScreen) actions(a *App) []page.Action {
	line := func(args ...string) string { return a.o.Commands.Line(args...) }
	if a.runs.seen.starting {
		return []page.Action{{Key: "d", Label: a.text("run.detach"), Reads: true, Command: line("runs", "attach")}}
	}
	if !a.runs.seen.alive {
		start := page.Action{Key: "enter", Label: a.text("run.start"), Command: line("run", planFile)}
		dry := page.Action{Key: "e", Label: a.text("run.dry"), Command: line("run", planFile, "--dry-run")}
		switch {
		case !a.hasPlan():
			start = page.Action{Key: "enter", Label: a.text("run.to_recipe")}
			dry.Why = a.text("run.why_no_plan")
		case a.runs.seen.standing() == "done":
			again := page.Action{Key: "a", Label: a.text("run.over_again"), Command: line("run", planFile)}
			return []page.Action{{Key: "enter", Label: a.text("run.to_compare")}, again, dry}
		case a.runs.seen.standing() == "killed" || a.runs.seen.standing() == "interrupted":
			start.Label = a.text("run.go_on")
		}
		actions := []page.Action{start, dry}
		if a.runs.seen.run != "" {
			actions = append(actions, page.Action{Key: "5", Label: a.text("tab.compare")})
		}
		return append(actions, page.Action{Key: "p", Label: a.text("run.pause"), Why: a.text("run.why_idle")})
	}
	pause := page.Action{Key: "p", Label: a.text("run.pause"), Command: line("runs", "pause")}
	if a.runs.seen.standing() == "paused" {
		pause = page.Action{Key: "p", Label: a.text("run.resume"), Command: line("runs", "resume")}
	}
	return []page.Action{
		pause,
		{Key: "s", Label: a.text("run.stop"), Command: line("runs", "stop")},
		{Key: "d", Label: a.text("run.detach"), Reads: true, Command: line("runs", "attach")},
		{Key: "l", Label: a.text("run.log")},
	}
}

func (s *runScreen) page(a *App) page.Page {
	p := page.Page{Actions: s.actions(a)}
	seen := a.runs.seen
	if seen.err != nil {
		p.Blocks = a.problem(seen.err)
		return p
	}
	if s.drying && !seen.alive && !seen.starting {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("run.drying"), Tone: page.Dim})
	} else if s.dry != nil && !seen.alive && !seen.starting {
		p.Blocks = append(p.Blocks, a.dryPage(*s.dry)...)
		if steps := a.drySteps(*s.dry); !s.dry.Unchanged() {
			p.Right = []page.Block{steps}
		}
		return p
	}
	standing := seen.standing()
	if standing == "none" {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("run.none")})
		return p
	}
	p.Blocks = append(p.Blocks, page.Text{Text: a.runHeadline(standing), Tone: standingTone[standing]})
	if standing == "starting" || standing == "broke" {
		p.Blocks = append(p.Blocks, page.Text{Text: seen.printed})
		return p
	}
	if seen.alive {
		p.Blocks = append(p.Blocks, a.gauge(), s.health(a), page.Text{Text: a.text("run.outlives", lang.Args{"Command": a.o.Commands.Line("runs", "attach")}), Tone: page.Dim})
		if speeds := seen.state.Speeds(); len(speeds) > 4 {
			p.Below = []page.Block{s.speed(a, speeds)}
		}
	} else if f := s.came(a); len(f.Items) > 0 {
		p.Blocks = append(p.Blocks, f)
	}
	if len(seen.state.Failed) > 0 {
		p.Right = s.failures(a, seen.state.Failed)
	}
	if s.showLog || !seen.alive {
		p.Right = append(p.Right, s.log(a, seen.state))
	} else {
		p.Aside = append(p.Aside, s.log(a, seen.state))
	}
	return p
}

var standingTone = map[string]page.Tone{
	"starting": page.Plain, "broke": page.Bad, "running": page.Plain, "paused": page.Warn, "killed": page.Warn, "interrupted": page.Warn, "failed": page.Bad, "done": page.Good,
}

// runHeadline says in a sentence how the run stands.
func (a *App) runHeadline(standing string) string {
	seen := a.runs.seen
	text := a.text("run.is."+standing, lang.Args{"Run": seen.run, "Process": seen.owner.PID})
	if !seen.state.Begun.IsZero() && seen.alive {
		text = follow(text, a.text("run.since", lang.Args{"Time": seen.state.Begun.Local().Format("15:04")}))
	}
	if (standing == "failed" || standing == "interrupted") && seen.state.Why != "" {
		text = follow(text, a.say(seen.state.Said.Or(seen.state.Why)))
	}
	return text
}

// health is what a person looks at while it runs.
func (s *runScreen) health(a *App) page.Fields {
	st := a.runs.seen.state
	now := st.Now
	var f page.Fields
	add := func(id, value string, tone page.Tone) {
		f.Items = append(f.Items, page.Field{Label: a.text(id), Value: value, Tone: tone})
	}
	if now.Total > 0 {
		add("run.f_clips", a.text("run.counts", lang.Args{"Done": now.Done, "Total": now.Total, "Cached": now.Cached}), page.Plain)
		tone := page.Plain
		if now.Failed > 0 {
			tone = page.Warn
		}
		add("run.f_failed", a.failedText(st), tone)
	}
	if now.Rate > 0 {
		speed := a.text("run.rate", lang.Args{"Rate": fmt.Sprintf("%.1f", now.Rate)})
		if r := st.Recent(); r > 0 {
			speed += ", " + a.text("run.recent", lang.Args{"Rate": fmt.Sprintf("%.1f", r)})
		}
		add("run.f_speed", speed, page.Plain)
	}
	if b := st.Bottleneck(); b != "" && st.Stage == live.StageEmbed {
		add("run.f_bottleneck", a.text("run.slow."+b, lang.Args{
			"Decoding": percent(now.Decoding), "Model": percent(now.Model), "Disk": percent(now.Disk),
		}), page.Plain)
	}
	until := func(id string, left, spread time.Duration) {
		add(id, a.text("run.left", lang.Args{"Left": a.span(left), "Spread": a.span(spread)})+", "+
			a.text("run.until", lang.Args{"Time": a.o.Now().Add(left).Local().Format("15:04")}), page.Plain)
	}
	if left, spread, ok := st.Left(a.o.Now()); ok {
		until("forecast.end", left, spread)
	} else if left, spread, ok := st.Remaining(); ok && st.Stage == live.StageEmbed {
		until("run.f_left", left, spread)
	}
	f.Items = append(f.Items, a.resources(st)...)
	if n := len(st.Results); n > 0 {
		add("run.f_results", fmt.Sprintf("%d: %s", n, a.say(st.Latest)), page.Plain)
	}
	return f
}

// came is what a run that is not at work came to.
func (s *runScreen) came(a *App) page.Fields {
	st := a.runs.seen.state
	var f page.Fields
	add := func(id, value string, tone page.Tone) {
		f.Items = append(f.Items, page.Field{Label: a.text(id), Value: value, Tone: tone})
	}
	if now := st.Now; now.Total > 0 {
		text := a.text("run.of", lang.Args{"Done": now.Done, "Total": now.Total})
		if now.Cached > 0 {
			text = a.text("run.counts", lang.Args{"Done": now.Done, "Total": now.Total, "Cached": now.Cached})
		}
		add("run.f_clips", text, page.Plain)
	}
	if len(st.Failed) > 0 {
		add("run.f_failed", a.failedText(st), page.Warn)
	}
	if n := st.Numbers; n.Total > 0 {
		add("run.f_results", a.text("run.of", lang.Args{"Done": n.Done, "Total": n.Total}), page.Plain)
	}
	if st.Spent > 0 {
		add("run.f_took", a.seconds(st.Spent.Seconds()), page.Plain)
	}
	if !st.Last.IsZero() {
		add(map[bool]string{true: "run.f_ended", false: "run.f_last"}[st.Ended()], clock(st.Last), page.Plain)
	}
	return f
}

// percent is a share in whole percent.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// speed is how fast it went of late.
func (s *runScreen) speed(a *App, speeds []float64) page.Curve {
	c := page.Curve{Name: a.text("run.speed"), XLabel: a.text("run.looks"), Zero: true}
	low, high := speeds[0], speeds[0]
	for i, y := range speeds {
		c.X, c.Y = append(c.X, float64(i+1)), append(c.Y, y)
		low, high = min(low, y), max(high, y)
	}
	c.Text = a.text("run.speed_said", lang.Args{"Low": fmt.Sprintf("%.1f", low), "High": fmt.Sprintf("%.1f", high)})
	return c
}

// failures are the clips that can't be used: why, and what to do about the one
// under the cursor, else the first.
func (s *runScreen) failures(a *App, failed []live.Trouble) []page.Block {
	t := page.Table{
		Name:    a.text("run.failed", lang.Args{"N": len(failed)}),
		Columns: []page.Column{{Head: a.text("run.clip"), Least: 24}, {Head: a.text("run.reason"), Wrap: true, Least: 24}},
	}
	for _, f := range failed {
		t.Rows = append(t.Rows, page.Row{Cells: []string{f.Clip, strings.TrimPrefix(a.say(f.Said.Or(f.Text)), f.Clip+": ")}})
	}
	t = s.clips.table(a, t)
	i, ok := s.clips.chosen()
	if !s.clips.touched {
		t.Selected = -1 // how the run goes is what people look at first
	}
	if !ok || i >= len(failed) || failed[i].Hint == "" {
		return []page.Block{t}
	}
	return []page.Block{t, page.Text{Text: failed[i].Clip + ": " + a.text("app.try", lang.Args{"Hint": a.say(failed[i].Fix.Or(failed[i].Hint))}), Tone: page.Dim}}
}

// log is what happened, the latest last.
func (s *runScreen) log(a *App, st live.State) page.Table {
	t := page.Table{Name: a.text("run.log_title"), Empty: a.text("run.log_empty"),
		Columns: []page.Column{{Head: a.text("run.stage"), Least: 20}, {Head: a.text("run.said"), Wrap: true, Least: 30}}}
	for _, e := range st.Stages {
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.stageName(e.Stage), a.say(e.Said)}})
	}
	for _, w := range st.Warnings {
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.text("run.warned"), a.say(w)}, Tone: page.Warn})
	}
	t = s.said.table(a, t)
	if s.list(a) != &s.said || !s.said.touched {
		t.Selected = -1
	}
	return t
}

// clock is a moment as people write it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
