package pilot

import (
	"context"
	"database/sql"
	"slices"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// Dossier is all that a report of a run draws on: the run, where its pilot
// stands, and what a result is worth.
type Dossier struct {
	Record Record
	Board  *Board   // nil where the journal of the pilot is empty; its Runs is this run alone
	Left   []Clip   // test clips judged by earlier runs that this one left out; only ID, Site and Class are set
	Since  *Changes // against the run before; nil where there is none, or nobody asked
	Worth  *Worth   // nil where nothing was assumed, or Unknown is not empty

	// Unknown are the assumptions that are missing for the return although
	// others were made.
	Unknown []string
	// NoAccuracy says that there is none although there are assumptions: clips
	// may be of several classes, and are not just right or wrong.
	NoAccuracy bool
}

// Journal is the hash of the last entry of the journal the dossier holds, ""
// where there is none.
func (d Dossier) Journal() string {
	if d.Board == nil {
		return ""
	}
	return d.Board.Entries[len(d.Board.Entries)-1].Hash
}

// Dossier reads all that is known of a run: the one with this id, or the only
// one whose id begins so. The journal is read up to the entry with hash upTo,
// so that a report can be made again as it was; "" reads all of it. It is an
// error if there is no such entry.
func (l *Ledger) Dossier(ctx context.Context, id, upTo string) (Dossier, error) {
	var d Dossier
	err := l.transact(ctx, "load run", func(tx *sql.Tx) error {
		run, err := resolve(ctx, tx, id)
		if err != nil {
			return err
		}
		d.Record = Record{Run: run}
		if err := readParts(ctx, tx, &d.Record); err != nil {
			return err
		}
		if d.Left, err = left(ctx, tx, d.Record); err != nil {
			return err
		}
		book, err := l.readBookUpTo(ctx, tx, run.Pilot, upTo)
		if err != nil || len(book.Entries) == 0 {
			return err
		}
		board := newBoard(book, []Run{run}, d.Record.seen(book))
		d.Board = &board
		return d.appraise(book)
	})
	return d, err
}

// seen counts, for each gate that is not sealed, the results of this run it
// could have been fitted to: those of other runs come with time, and a report
// made again must say the same.
func (rec Record) seen(book Book) map[string]int {
	n := map[string]int{}
	for _, g := range book.Gates {
		for _, x := range rec.Results {
			if g.Sealed == nil && g.Criterion.OnTest() && x.Task == Classification && (g.Criterion.Site == "" || g.Criterion.Site == x.Site) {
				n[g.Criterion.Name]++
			}
		}
	}
	return n
}

// readBookUpTo is the journal as it was when its last entry had this hash.
func (l *Ledger) readBookUpTo(ctx context.Context, tx *sql.Tx, pilot, upTo string) (Book, error) {
	book, _, err := l.readBook(ctx, tx, pilot)
	if err != nil || upTo == "" {
		return book, err
	}
	end := slices.IndexFunc(book.Entries, func(e Entry) bool { return e.Hash == upTo })
	if end < 0 {
		return Book{}, fault.New(fault.Input, "is this the ledger it was made from?", "the journal of pilot %s has no entry %.12s", pilot, upTo)
	}
	return fold(book.Pilot, book.Entries[:end+1]), nil
}

// appraise computes the return of the result that stands for the run.
func (d *Dossier) appraise(book Book) error {
	if len(book.Ranges()) == 0 {
		return nil
	}
	r, ok := book.stands(d.Record)
	if !ok {
		return nil
	}
	if d.NoAccuracy = r.Several(); d.NoAccuracy {
		return nil
	}
	ranges, _, err := returnRanges(book, d.Record, r)
	if err != nil {
		return err
	}
	for _, name := range roi.Names() {
		if _, ok := ranges[name]; !ok {
			d.Unknown = append(d.Unknown, name)
		}
	}
	if len(d.Unknown) > 0 {
		return nil
	}
	w, err := worth(book, d.Record, r)
	d.Worth = &w
	return err
}

// stands is the result that speaks for a run: the one a gate was last held
// against, of the latest stage that has such a gate. Where there is none, it is
// the highest result at the site where the highest is lowest: what every site
// may count on.
func (b Book) stands(rec Record) (Result, bool) {
	for _, s := range slices.Backward(gate.Stages()) {
		var last *Entry
		for _, g := range b.Of(s) {
			for _, e := range g.Checks {
				if e.Check.Run == rec.Run.ID && e.Check.Result != "" && (last == nil || e.ID > last.ID) {
					last = &e
				}
			}
		}
		if last == nil {
			continue
		}
		for _, r := range rec.Results {
			if r.Key == last.Check.Result {
				return r, true
			}
		}
	}
	highest := map[string]int{} // site → index of its highest result
	var sites []string
	for i, r := range rec.Results {
		if r.Task != Classification || len(r.Predictions) == 0 {
			continue
		}
		best, seen := highest[r.Site]
		if !seen {
			sites = append(sites, r.Site)
		}
		if !seen || r.Metrics[0].Value > rec.Results[best].Metrics[0].Value {
			highest[r.Site] = i
		}
	}
	if len(sites) == 0 {
		return Result{}, false
	}
	slices.Sort(sites)
	low := slices.MinFunc(sites, func(x, y string) int {
		if rec.Results[highest[x]].Metrics[0].Value < rec.Results[highest[y]].Metrics[0].Value {
			return -1
		}
		return 1
	})
	return rec.Results[highest[low]], true
}
