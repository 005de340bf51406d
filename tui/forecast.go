package tui

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"framepilot/adapt"
	"framepilot/adapt/live"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/tui/page"
)

// readDry reads what a dry run said; nil where it is not that, with the reason
// on the page.
func readDry(a *App, text string) *adapt.Summary {
	var sum adapt.Summary
	if err := json.Unmarshal([]byte(text), &sum); err != nil {
		a.status = a.o.Language.Error(err)
		return nil
	}
	return &sum
}

// dryPage is what a run would do and take, before it is begun.
func (a *App) dryPage(sum adapt.Summary) []page.Block {
	blocks := []page.Block{page.Text{Text: a.text("run.dry_said"), Tone: page.Strong}}
	if sum.Unchanged() || sum.Cost == nil {
		return append(blocks, page.Text{Text: a.text("forecast.nothing")})
	}
	if sum.Before != "" && sum.Before != "done" {
		blocks = append(blocks, page.Text{Text: a.text("forecast.goes_on", lang.Args{"Run": sum.Run})})
	}
	blocks = append(blocks, a.shortages(*sum.Cost)...)
	f := page.Fields{Items: []page.Field{
		{Label: a.text("forecast.work"), Value: a.text("forecast.todo", lang.Args{"Clips": sum.Cost.Clips, "Cached": sum.Cached, "Results": sum.Cost.Results})},
		a.takes(sum.Cost.Estimate),
	}}
	f.Items = append(f.Items, a.room(sum.Cost.Bytes, sum.Cost.DiskFree, sum.Cost.Memory, sum.Cost.MemoryFree)...)
	if m := sum.Cost.Money; m != nil {
		f.Items = append(f.Items, page.Field{Label: a.text("forecast.money"), Value: a.money(*sum.Cost, sum.Cost.Spent)})
	}
	f.Items = append(f.Items, a.budget(sum.Cost.Budget, sum.Cost.Money)...)
	return append(blocks, f)
}

// drySteps are the steps of a run before it is begun.
func (a *App) drySteps(sum adapt.Summary) page.Table {
	t := page.Table{Name: a.text("forecast.steps"), Selected: -1, Columns: []page.Column{
		{Head: a.text("run.said"), Wrap: true, Least: 24}, {Head: a.text("recipe.time"), Right: true}, {Head: a.text("forecast.status"), Rank: 1}, {Head: a.text("run.stage"), Rank: 2}}}
	for _, s := range sum.Stages {
		took := ""
		if s.Cost != nil {
			took = a.estimate(*s.Cost)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.say(s.Said.Or(s.Detail)), took, a.text("forecast.is." + strings.ReplaceAll(s.Status, " ", "_")), a.stageName(s.Name)}})
	}
	return t
}

// basisID is what an estimate rests on as part of a message id.
func basisID(basis string) string {
	switch basis {
	case live.BasisRuns:
		return "runs"
	case live.BasisTry:
		return "try"
	}
	return "unknown"
}

// shortages says what a run would run out of.
func (a *App) shortages(f live.Forecast) (blocks []page.Block) {
	for _, short := range f.Short() {
		blocks = append(blocks, page.Text{Text: a.text("forecast.short." + short), Tone: page.Bad})
	}
	return blocks
}

// takes is how long something takes, and how one knows.
func (a *App) takes(e live.Estimate) page.Field {
	return page.Field{Label: a.text("forecast.time"), Value: a.estimate(e) + " (" + a.text("forecast.basis."+basisID(e.Basis)) + ")"}
}

// estimate is how long something takes, between what and what.
func (a *App) estimate(e live.Estimate) string {
	if e.Seconds == nil || *e.High < 1 || a.seconds(*e.High) == a.seconds(*e.Low) {
		return a.about(e)
	}
	return fmt.Sprintf("%s (%s .. %s)", a.about(e), a.seconds(*e.Low), a.seconds(*e.High))
}

// about is how long something takes, more or less.
func (a *App) about(e live.Estimate) string {
	switch {
	case e.Seconds == nil && e.AtLeast < 1: // all that is known takes no time
		return a.text("time.unknown")
	case e.Seconds == nil:
		return ">= " + a.seconds(e.AtLeast)
	}
	return a.seconds(*e.Seconds)
}

func (a *App) seconds(n float64) string {
	if n < 1 {
		return a.text("time.instant")
	}
	return a.span(time.Duration(n * float64(time.Second)))
}

// room is what is needed of disk and memory beside what is free.
func (a *App) room(disk, diskFree, memory, memoryFree int64) (items []page.Field) {
	add := func(label string, n, free int64) {
		if n == 0 && free == 0 {
			return
		}
		value, tone := words.Bytes(n), page.Plain
		if free > 0 {
			value += ", " + a.text("forecast.free", lang.Args{"Free": words.Bytes(free)})
			if n > free {
				tone = page.Bad
			}
		}
		items = append(items, page.Field{Label: a.text(label), Value: value, Tone: tone})
	}
	add("forecast.disk", disk, diskFree)
	add("forecast.memory", memory, memoryFree)
	return items
}

// money is what a forecast costs, with so many seconds that were spent before.
func (a *App) money(f live.Forecast, spent float64) string {
	of := func(seconds float64) string { return words.Grouped(f.Money.Of(spent + seconds)) }
	if f.Seconds == nil {
		return ">= " + of(f.AtLeast) + " " + f.Money.Currency
	}
	if of(*f.Low) == of(*f.High) {
		return of(*f.Seconds) + " " + f.Money.Currency
	}
	return fmt.Sprintf("%s (%s .. %s) %s", of(*f.Seconds), of(*f.Low), of(*f.High), f.Money.Currency)
}

// budget is what the plan allows.
func (a *App) budget(b live.Budget, m *live.Money) (items []page.Field) {
	var parts []string
	if b.Hours > 0 {
		parts = append(parts, a.text("time.hours", lang.Args{"N": plain(b.Hours)}))
	}
	if b.Cost > 0 && m != nil {
		parts = append(parts, words.Grouped(b.Cost)+" "+m.Currency)
	}
	if len(parts) == 0 {
		return nil
	}
	return []page.Field{{Label: a.text("forecast.budget"), Value: strings.Join(parts, ", ")}}
}

// resources are what a run at work takes and leaves, and costs.
func (a *App) resources(st live.State) []page.Field {
	now := a.o.Now()
	worked := st.Worked(now, true).Seconds()
	var items []page.Field
	if st.Now.Memory > 0 {
		items = append(items, page.Field{Label: a.text("forecast.memory"), Value: words.Bytes(st.Now.Memory)})
	}
	if st.Now.DiskFree > 0 {
		items = append(items, page.Field{Label: a.text("forecast.disk"), Value: a.text("forecast.free", lang.Args{"Free": words.Bytes(st.Now.DiskFree)})})
	}
	f := st.Forecast
	if f == nil {
		return items
	}
	if f.Money != nil {
		text := a.text("forecast.so_far", lang.Args{"Money": words.Grouped(f.Money.Of(worked)) + " " + f.Money.Currency})
		tone := page.Plain
		if left, _, ok := st.Left(now); ok {
			all := f.Money.Of(worked + left.Seconds())
			text += ", " + a.text("forecast.in_all", lang.Args{"Money": words.Grouped(all) + " " + f.Money.Currency})
			if f.Budget.Cost > 0 && all > f.Budget.Cost {
				tone = page.Warn
			}
		}
		items = append(items, page.Field{Label: a.text("forecast.money"), Value: text, Tone: tone})
	}
	return append(items, a.budget(f.Budget, f.Money)...)
}

// untilEnd is how long a run still takes, after a comma; nothing where that is
// not known.
func (a *App) untilEnd(st live.State) string {
	left, spread, ok := st.Left(a.o.Now())
	if !ok {
		return ""
	}
	return ", " + a.text("run.left", lang.Args{"Left": a.span(left), "Spread": a.span(spread)})
}

// failedText is how many clips can't be used, beside what the plan tolerates.
func (a *App) failedText(st live.State) string {
	text := fmt.Sprint(len(st.Failed))
	if st.Forecast == nil || st.Now.Total == 0 || len(st.Failed) == 0 {
		return text
	}
	return text + " (" + a.text("forecast.tolerated", lang.Args{
		"Share": fmt.Sprintf("%.2g %%", 100*float64(len(st.Failed))/float64(st.Now.Total)), "Most": fmt.Sprintf("%g %%", 100*st.Forecast.Budget.MaxFailed)}) + ")"
}
