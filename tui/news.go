package tui

import (
	"slices"
	"strings"
	"time"

	"framepilot/internal/lang"
	"framepilot/pilot/report"
)

// News is something a run did while the UI was open that people may want to
// hear of unasked.
type News struct {
	Text  string // a sentence or two
	Ended bool   // the run ended, and Text says how
}

// herald finds what is worth saying of the run at work: that it entered another
// step or waits, every tenth of a step, the time at least once a minute, and
// what it came to.
type herald struct {
	run, stage, standing string
	tenth                int
	said                 time.Time
	awaited              string // a run that is done, whose results are being read
	fresh                []News
}

// sayEvery is how long a run at work is not spoken of at most.
const sayEvery = time.Minute

// News is what happened since it was last asked for.
func (a *App) News() []News {
	fresh := a.herald.fresh
	a.herald.fresh = nil
	return fresh
}

func (h *herald) say(text string, ended bool) { h.fresh = append(h.fresh, News{text, ended}) }

// hear takes in what was seen of the runs; ended says whether one ended since
// the look before.
func (h *herald) hear(a *App, ended bool) {
	seen := a.runs.seen
	standing := seen.standing()
	switch {
	case ended && standing == "done":
		h.awaited = seen.run
	case ended:
		h.say(a.runHeadline(standing), true)
	case seen.alive && seen.run != "":
		h.watch(a, standing)
	}
}

// watch says how far a run at work is, where that is new.
func (h *herald) watch(a *App, standing string) {
	seen, now, g := a.runs.seen, a.o.Now(), a.gauge()
	tenth := int(10 * g.Share)
	fresh := h.run != seen.run || h.stage != seen.state.Stage || h.standing != standing
	if !fresh && (standing == "paused" || tenth <= h.tenth && now.Sub(h.said) < sayEvery) {
		return
	}
	h.run, h.stage, h.standing, h.tenth, h.said = seen.run, seen.state.Stage, standing, tenth, now
	if standing == "paused" {
		h.say(a.runHeadline(standing), false)
		return
	}
	h.say(strings.TrimSpace(a.text("news.progress", lang.Args{"Step": g.Label, "Share": percent(g.Share), "Text": g.Text})), false)
}

// read says what the run that ended came to, once its results were read.
func (h *herald) read(a *App) {
	if h.awaited == "" {
		return
	}
	parts := []string{a.text("news.done", lang.Args{"Run": h.awaited})}
	if a.results.err == nil && a.results.rec.Run.ID == h.awaited {
		for _, site := range a.results.sites() {
			parts = append(parts, a.highest(site)...)
		}
	}
	h.awaited = ""
	h.say(strings.Join(parts, " "), true)
}

// highest says in a sentence which recipe has the highest number at a site, and
// whether it beats the model without labels; none where nothing was measured.
func (a *App) highest(site string) []string {
	rows := a.results.at(site)
	if len(rows) == 0 {
		return nil
	}
	m := rows[0]
	text := a.text("news.highest", lang.Args{"Site": site, "Recipe": rowName(m.row), "Score": m.bar("").Text})
	of := func(c report.Comparison) bool {
		return c.Site == site && c.Label == m.row.Label && c.Prompts == m.row.Prompts && c.TrainSite == m.row.TrainSite
	}
	if i := slices.IndexFunc(a.results.doc.Results.Comparisons, of); i >= 0 {
		text = follow(text, a.text("news.verdict", lang.Args{"Verdict": a.text("compare.verdict." + verdictID(a.results.doc.Results.Comparisons[i].Verdict))}))
	}
	return []string{text}
}
