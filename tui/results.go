package tui

import (
	"context"
	"slices"

	"framepilot/pilot"
	"framepilot/pilot/report"
)

// results is what the latest run that came to its end measured.
type results struct {
	known pilot.Dossier
	rec   pilot.Record // of the dossier
	doc   report.Document
	read  bool
	err   error // why there is none
}

// resultsRead is what readResults brings back.
type resultsRead struct {
	dir string
	results
}

// readResults reads the latest run that is done.
func (a *App) readResults() Task {
	dir := a.dir
	return func(ctx context.Context) any {
		got := resultsRead{dir: dir}
		got.read = true
		got.err = readLedger(ctx, dir, func(l *pilot.Ledger) error {
			runs, err := l.Runs(ctx)
			if err != nil {
				return err
			}
			slices.SortStableFunc(runs, func(a, b pilot.Run) int { return b.Started.Compare(a.Started) })
			i := slices.IndexFunc(runs, func(r pilot.Run) bool { return r.Status == pilot.Done })
			if i < 0 {
				return pilot.ErrNoRun
			}
			known, err := l.Dossier(ctx, runs[i].ID, "")
			if err == nil {
				known.Since, err = l.Since(ctx, known.Record, "")
			}
			if err == nil {
				got.known, got.rec, got.doc = known, known.Record, report.Build(known, report.Options{})
			}
			return err
		})
		return got
	}
}

// recipes are the results of a site that a gate can be held against, as the
// ledger names them; "" = of any site.
func (r results) recipes(site string) []string {
	var names []string
	for _, x := range r.rec.Results {
		if x.Task == pilot.Classification && len(x.Predictions) > 0 && (site == "" || x.Site == site) {
			names = append(names, x.Recipe())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sites are where the results were measured.
func (r results) sites() []string {
	var names []string
	for _, x := range r.rec.Results {
		if x.Task == pilot.Classification && !slices.Contains(names, x.Site) {
			names = append(names, x.Site)
		}
	}
	return names
}

// best is the recipe that fared best at a site, "" where nothing was measured.
func (r results) best(site string) string {
	for _, h := range r.doc.Results.Headlines {
		if h.Site != site {
			continue
		}
		for _, x := range r.rec.Results {
			if x.Key == h.Best.Typical {
				return x.Recipe()
			}
		}
	}
	return ""
}
