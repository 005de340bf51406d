package tui

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"framepilot/adapt"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// results is what the latest run of the pilot that came to its end measured.
type results struct {
	known pilot.Dossier
	rec   pilot.Record // of the dossier
	doc   report.Document
	read  bool
	err   error // why there is none
	stamp stamp // of the ledger they were read from
}

// stamp tells whether a ledger was written to: changes stand in its file or,
// until they are moved there, in the log beside it.
type stamp struct {
	size, logged   int64
	written, since time.Time
}

func stampOf(dir string) stamp {
	var s stamp
	if f, err := os.Stat(adapt.LedgerFile(dir)); err == nil {
		s.size, s.written = f.Size(), f.ModTime()
	}
	if f, err := os.Stat(adapt.LedgerFile(dir) + "-wal"); err == nil && f.Size() > 0 {
		s.logged, s.since = f.Size(), f.ModTime()
	}
	return s
}

// resultsRead is what readResults brings back.
type resultsRead struct {
	dir string
	results
}

// readResults reads the latest run that is done, if anything was written since
// the last time: much is worked out of it.
func (a *App) readResults() Task {
	dir, last := a.dir, a.results
	return func(ctx context.Context) any {
		now := stampOf(dir) // before it is read: what comes meanwhile is seen next time
		if last.read && last.err == nil && last.stamp == now {
			return resultsRead{dir, last}
		}
		got := resultsRead{dir: dir}
		got.read, got.stamp = true, now
		got.err = readLedger(ctx, dir, func(l *pilot.Ledger) error {
			runs, err := l.Runs(ctx)
			if err != nil {
				return err
			}
			slices.SortStableFunc(runs, func(a, b pilot.Run) int { return b.Started.Compare(a.Started) })
			own := func(pilot.Run) bool { return true }
			if b, err := l.Book(ctx, ""); err == nil {
				own = func(r pilot.Run) bool { return r.Pilot == b.Pilot }
			}
			i := slices.IndexFunc(runs, func(r pilot.Run) bool { return r.Status == pilot.Done && own(r) })
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

// named are the recipes of a site, or of all where nothing was measured there,
// in the order they were measured and without their draws: a name without one
// means the first. The one that is given is among them where it was measured.
func (r results) named(site, given string) []string {
	if len(r.recipes(site)) == 0 {
		site = ""
	}
	var names []string
	for _, x := range r.rec.Results {
		if x.Task != pilot.Classification || len(x.Predictions) == 0 || site != "" && x.Site != site {
			continue
		}
		name := x.Recipe()
		bare, _, _ := strings.Cut(name, " #")
		for _, n := range []string{bare, name} {
			if (n == bare || n == given) && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
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

// classes are what clips of a site are told apart as; "" = of any site.
func (r results) classes(site string) []string {
	var names []string
	for _, x := range r.rec.Results {
		if x.Task == pilot.Classification && (site == "" || x.Site == site) {
			names = append(names, x.Classes...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
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
