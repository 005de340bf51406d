package pilot

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot/gate"
)

// Create makes a pilot in the ledger. It is an error if there is one of this
// name.
func (l *Ledger) Create(ctx context.Context, name, question, by string) (Entry, error) {
	if strings.TrimSpace(name) == "" {
		return Entry{}, fault.New(fault.Usage, "", "pilot: a pilot needs a name")
	}
	err := l.transact(ctx, "create pilot "+name, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into pilots (name, created) values (?, ?) on conflict do nothing`, name, formatTime(l.now()))
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return l.append(ctx, name, "create pilot "+name, func(_ *sql.Tx, b Book) (Entry, error) {
		if slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.Kind == Created }) {
			return Entry{}, fault.New(fault.Usage, "framepilot pilot show", "there is a pilot %q already", name)
		}
		return Entry{By: by, Kind: Created, Text: question}, nil
	})
}

// Propose words a gate, anew where it is not sealed yet.
func (l *Ledger) Propose(ctx context.Context, pilot, by string, c gate.Criterion) (Entry, error) {
	c = c.Fill()
	if err := c.Check(); err != nil {
		return Entry{}, err
	}
	return l.append(ctx, pilot, "propose gate "+c.Name, func(_ *sql.Tx, b Book) (Entry, error) {
		if g := b.find(c.Name); g != nil && g.Sealed != nil {
			return Entry{}, fault.New(fault.Usage, "propose another under a new name; this one can be waived by name",
				"gate %s was sealed on %s and can't change", c.Name, g.Sealed.At.Format("2006-01-02"))
		}
		return Entry{By: by, Kind: Proposed, Gate: c.Name, Criterion: &c}, nil
	})
}

// known returns the gate of this name.
func (b Book) known(name string) (*GateState, error) {
	if g := b.find(name); g != nil {
		return g, nil
	}
	var names []string
	for _, g := range b.Gates {
		names = append(names, g.Criterion.Name)
	}
	hint := words.Say("propose one; framepilot pilot gate propose --help says how")
	if len(names) > 0 {
		hint = words.Say("there is %s", strings.Join(names, ", "))
	}
	return nil, fault.Say(fault.Usage, hint, "no gate %q", name)
}

// SealGate closes a gate: from now on it can't be changed. Where results of
// its site are in the ledger already it was not agreed before the data was
// opened; that takes a reason, which stays with it.
func (l *Ledger) SealGate(ctx context.Context, pilot, by, name, reason string) (Entry, error) {
	return l.append(ctx, pilot, "seal gate "+name, func(tx *sql.Tx, b Book) (Entry, error) {
		g, err := b.known(name)
		if err != nil {
			return Entry{}, err
		}
		if g.Sealed != nil {
			return Entry{}, fault.New(fault.Usage, "", "gate %s is sealed already, by %s", name, g.Sealed.By)
		}
		seal := Seal{Hash: g.Criterion.Hash(), Reason: strings.TrimSpace(reason)}
		if seal.Seen, err = seenOf(ctx, tx, b.Pilot, g.Criterion); err != nil {
			return Entry{}, err
		}
		if seal.Seen > 0 && seal.Reason == "" {
			return Entry{}, fault.New(fault.Usage, "give the reason with --late, which the report will show, or name a site that has not been measured",
				"gate %s: %d results of its site have been seen, so it is not agreed before the data is opened", name, seal.Seen)
		}
		return Entry{By: by, Kind: Sealed, Gate: name, Seal: &seal}, nil
	})
}

// seenOf counts the results a gate could have been fitted to: those of its
// site, where it is about test clips.
func seenOf(ctx context.Context, tx *sql.Tx, pilot string, c gate.Criterion) (n int, err error) {
	if !c.OnTest() {
		return 0, nil
	}
	err = tx.QueryRowContext(ctx, `
		select count(*) from results s join runs r on r.id = s.run join pilots p on p.id = r.pilot
		where p.name = ?1 and s.task = 'classification' and (?2 = '' or s.site = ?2)`, pilot, c.Site).Scan(&n)
	return n, err
}

// Sign settles a sign-off gate by a person's name.
func (l *Ledger) Sign(ctx context.Context, pilot, by, name, note string) (Entry, error) {
	return l.append(ctx, pilot, "sign gate "+name, func(_ *sql.Tx, b Book) (Entry, error) {
		g, err := b.known(name)
		if err != nil {
			return Entry{}, err
		}
		if g.Criterion.Metric != signOff {
			return Entry{}, fault.Say(fault.Usage, words.Say("check it: framepilot pilot gate check %s --by NAME", name), "gate %s is measured, not signed", name)
		}
		if g.Sealed == nil {
			return Entry{}, fault.New(fault.Usage, "framepilot pilot gate seal "+name+" --by NAME", "gate %s is not sealed yet", name)
		}
		return Entry{By: by, Kind: Signed, Gate: name, Text: note}, nil
	})
}

// Waive lets a stage pass without a gate, by name and for a reason.
func (l *Ledger) Waive(ctx context.Context, pilot, by, name, reason string) (Entry, error) {
	return l.append(ctx, pilot, "waive gate "+name, func(_ *sql.Tx, b Book) (Entry, error) {
		if _, err := b.known(name); err != nil {
			return Entry{}, err
		}
		if strings.TrimSpace(reason) == "" {
			return Entry{}, fault.New(fault.Usage, "say why: --reason TEXT", "a waiver needs a reason")
		}
		return Entry{By: by, Kind: Waived, Gate: name, Text: reason}, nil
	})
}

// CheckGate holds a sealed gate against a result of a run; run "" is the
// latest. recipe is the label of the result and may be left out where the gate
// names it or there is one result only. The same check again is returned as it
// was.
func (l *Ledger) CheckGate(ctx context.Context, pilot, by, name, run, recipe string) (Entry, error) {
	var again *Entry
	e, err := l.append(ctx, pilot, "check gate "+name, func(tx *sql.Tx, b Book) (Entry, error) {
		g, err := b.known(name)
		if err != nil {
			return Entry{}, err
		}
		if g.Criterion.Metric == signOff {
			return Entry{}, fault.New(fault.Usage, "framepilot pilot gate sign "+name+" --by NAME", "gate %s waits for a signature; there is nothing to measure", name)
		}
		if g.Sealed == nil {
			return Entry{}, fault.New(fault.Usage, "framepilot pilot gate seal "+name+" --by NAME", "gate %s is not sealed yet, so it can still change", name)
		}
		if g.Sealed.Seal.Hash != g.Criterion.Hash() {
			return Entry{}, fault.New(fault.Input, "restore the ledger from a backup", "gate %s is not what was sealed", name)
		}
		rec, err := readRecord(ctx, tx, b.Pilot, run)
		if err != nil {
			return Entry{}, err
		}
		check, err := measure(g, rec, recipe, b.Rates())
		if err != nil {
			return Entry{}, err
		}
		if check.Left, err = leftBy(ctx, tx, rec, check.Result); err != nil {
			return Entry{}, err
		}
		for _, old := range g.Checks {
			if *old.Check == check {
				again = &old
				return Entry{}, errSame
			}
		}
		return Entry{By: by, Kind: Checked, Gate: name, Check: &check}, nil
	})
	if errors.Is(err, errSame) {
		return *again, nil
	}
	return e, err
}

// errSame ends a transaction that has nothing to add.
var errSame = errors.New("the same check again")

// readRecord loads a run of the pilot: the latest that is done, or the one
// named.
func readRecord(ctx context.Context, tx *sql.Tx, pilot, run string) (Record, error) {
	if run == "" {
		runs, err := readRuns(ctx, tx, `where p.name = ? and r.status = 'done' order by r.begun desc limit 1`, pilot)
		if err != nil {
			return Record{}, err
		}
		if len(runs) == 0 {
			return Record{}, fault.New(fault.Missing, "framepilot run PLAN", "no run of pilot %q is done", pilot)
		}
		run = runs[0].ID
	}
	found, err := resolve(ctx, tx, run)
	if err != nil {
		return Record{}, err
	}
	if found.Pilot != pilot {
		return Record{}, fault.New(fault.Usage, "", "run %s is of pilot %q", found.ID, found.Pilot)
	}
	rec := Record{Run: found}
	return rec, readParts(ctx, tx, &rec)
}

// Decide records what people concluded about the stage the pilot has come to.
// Go and Conditions are refused while a gate of the stage stands in the way.
func (l *Ledger) Decide(ctx context.Context, pilot, by string, d Decision) (Entry, error) {
	if !slices.Contains([]Answer{Go, Conditions, NoGo, NotYet}, d.Answer) {
		return Entry{}, fault.New(fault.Usage, "choose go, conditions, no-go or undecided", "no decision %q", d.Answer)
	}
	if d.Answer == Conditions && strings.TrimSpace(d.Note) == "" {
		return Entry{}, fault.New(fault.Usage, "name them: --note TEXT", "go with conditions names the conditions")
	}
	return l.append(ctx, pilot, "decide", func(_ *sql.Tx, b Book) (Entry, error) {
		d.Stage = b.Current()
		if d.Approved != "" && strings.EqualFold(strings.TrimSpace(d.Approved), strings.TrimSpace(by)) {
			return Entry{}, fault.New(fault.Usage, "", "who proposes can't approve: both are %s", by)
		}
		if d.Answer == Go || d.Answer == Conditions {
			if err := b.mayGoOn(d.Stage); err != nil {
				return Entry{}, err
			}
		}
		return Entry{By: by, Kind: Decided, Decision: &d}, nil
	})
}

// mayGoOn is an error while a gate of the stage stands in the way, or there is
// none: a stage without a gate shows nothing.
func (b Book) mayGoOn(s gate.Stage) error {
	if len(b.Of(s)) == 0 {
		return fault.New(fault.Undecided, "propose and seal a gate first; framepilot pilot gate propose --help says how",
			"no gate was agreed for stage %s, so nothing has been shown", words.Say(string(s)))
	}
	blocking := b.Blocking(s)
	if len(blocking) == 0 {
		return nil
	}
	kind, names := fault.Undecided, []words.Sentence{}
	for _, g := range blocking {
		state := words.Say(string(g.Ruling().Verdict))
		if g.Sealed == nil {
			state = words.Say("not sealed")
		}
		if g.Ruling().Verdict == gate.Fail {
			kind = fault.Failed
		}
		names = append(names, words.Say("%s %s", g.Criterion.Name, state))
	}
	return fault.New(kind, "pass them, or waive them by name: framepilot pilot gate waive GATE --by NAME --reason TEXT",
		"stage %s: %s", words.Say(string(s)), words.Join(names, ", "))
}

// Promote opens the next stage after a go.
func (l *Ledger) Promote(ctx context.Context, pilot, by string) (Entry, error) {
	return l.append(ctx, pilot, "promote", func(_ *sql.Tx, b Book) (Entry, error) {
		s := b.Current()
		d, ok := b.Decided[s]
		if !ok || d.Decision.Answer != Go && d.Decision.Answer != Conditions {
			return Entry{}, fault.New(fault.Undecided, "framepilot pilot decide go --by NAME", "stage %s was not decided with a go", words.Say(string(s)))
		}
		if err := b.mayGoOn(s); err != nil {
			return Entry{}, err
		}
		next, ok := s.Next()
		if !ok {
			return Entry{}, fault.New(fault.Usage, "", "%s is the last stage", words.Say(string(s)))
		}
		return Entry{By: by, Kind: Promoted, Stage: next}, nil
	})
}

// Note adds a remark.
func (l *Ledger) Note(ctx context.Context, pilot, by, text string) (Entry, error) {
	return l.append(ctx, pilot, "note", func(*sql.Tx, Book) (Entry, error) {
		if strings.TrimSpace(text) == "" {
			return Entry{}, fault.New(fault.Usage, "", "a note needs a text")
		}
		return Entry{By: by, Kind: Noted, Text: text}, nil
	})
}
