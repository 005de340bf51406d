package tui

import "framepilot/internal/lang"

// Done takes the result of a task.
func (a *App) Done(result any) []Task {
	var more []Task
	switch r := result.(type) {
	case nil:
		return nil
	case boardRead:
		if r.dir != a.dir {
			return nil
		}
		a.board, a.boardErr = r.board, r.err
	case resultsRead:
		if r.dir != a.dir {
			return nil
		}
		a.results = r.results
		a.herald.read(a)
	case looked:
		ended := a.runs.take(r)
		a.herald.hear(a, ended)
		if ended {
			a.status = "" // that it was started, or goes on
			more = append(more, a.readBoard(), a.readResults())
			more = append(more, a.current().open(a)...)
		}
	case began:
		if r.dir == a.dir {
			a.runs.begins = false
		}
		if r.err != nil {
			a.runs.seen.starting = false
			a.notice = a.problem(r.err)
			return nil
		}
		if r.dir == a.dir {
			a.runs.ended, a.runs.since = r.ended, r.at
		}
	case wrote:
		a.status = a.text("copy.wrote", lang.Args{"File": r.path})
		if r.err != nil {
			a.notice = a.problem(r.err)
		}
	case ran:
		a.status = r.summary()
		a.notice = r.say(a.o.Language)
		more = append(more, a.readBoard())
		if r.asks != nil {
			more = append(more, r.asks.back(a, r)...)
		}
	}
	for _, t := range a.tabs { // who asked may not be shown any more, and must not wait for ever
		more = append(more, t.screen.done(a, result)...)
	}
	return more
}
