package pilot

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Doubt is what somebody holds against a test clip whose result was seen: it is
// unfit to test on, or its label is wrong. The clip stays in every number and
// every gate. Who looks at mistakes alone finds only the faults whose mending
// makes the number better; so a doubt adds a second number, without the clips
// in doubt, and never replaces the first.
type Doubt struct {
	Clip      string `json:"clip"`
	Shows     string `json:"shows,omitempty"` // the class it is of, where its label is wrong
	Reason    string `json:"reason"`
	Withdrawn bool   `json:"withdrawn,omitempty"` // it is not in doubt any more
}

// String is the doubt in a line.
func (d Doubt) String() string { return d.Said().String() }

// Said is String as a sentence.
func (d Doubt) Said() words.Sentence {
	switch {
	case d.Withdrawn:
		return words.Say("%s, taken back: %s", d.Clip, d.Reason)
	case d.Shows != "":
		return words.Say("%s shows %s: %s", d.Clip, d.Shows, d.Reason)
	}
	return words.Say("%s: %s", d.Clip, d.Reason)
}

// Doubt records a doubt about a clip, instead of an earlier one. It is an
// error if no result has judged the clip: what nobody has seen a result of may
// be mended or left out without a word.
func (l *Ledger) Doubt(ctx context.Context, pilot, by string, d Doubt) (Entry, error) {
	d.Reason, d.Shows = strings.TrimSpace(d.Reason), strings.TrimSpace(d.Shows)
	return l.append(ctx, pilot, "doubt "+d.Clip, func(tx *sql.Tx, b Book) (Entry, error) {
		if d.Reason == "" {
			return Entry{}, fault.New(fault.Usage, "say why: --reason TEXT", "a doubt about %s needs a reason", d.Clip)
		}
		known := slices.ContainsFunc(b.Doubts, func(e Entry) bool { return e.Doubt.Clip == d.Clip })
		if d.Withdrawn && !known {
			return Entry{}, fault.New(fault.Usage, "framepilot pilot doubts lists them", "%s is not in doubt", d.Clip)
		}
		truth, classes, several, err := judged(ctx, tx, b.Pilot, d.Clip)
		shown := []string{d.Shows}
		if several && d.Shows != "" {
			shown = Tags(d.Shows)
			slices.SortFunc(shown, func(x, y string) int { return slices.Index(classes, x) - slices.Index(classes, y) })
			d.Shows = Tagged(slices.Compact(shown))
		}
		switch {
		case err != nil:
			return Entry{}, err
		case truth == "":
			return Entry{}, fault.New(fault.Usage, "name a test clip as the report does; one that no result has judged can be mended or left out of the list",
				"no result of pilot %s has judged clip %q", b.Pilot, d.Clip)
		case d.Shows == truth:
			return Entry{}, fault.New(fault.Usage, "name the class it is of, or none", "%s is labelled %s already", d.Clip, truth)
		case d.Shows != "":
			for _, class := range shown {
				if !slices.Contains(classes, class) {
					return Entry{}, fault.New(fault.Usage, "the classes are "+strings.Join(classes, ", "), "no class %q", class)
				}
			}
		}
		return Entry{By: by, Kind: Doubted, Doubt: &d}, nil
	})
}

// judged is the label a clip was last judged by, "" where it never was, the
// classes it was judged among, and whether it may be of several of them.
func judged(ctx context.Context, tx *sql.Tx, pilot, clip string) (truth string, classes []string, several bool, err error) {
	var result int64
	err = tx.QueryRowContext(ctx, `
		select t.result, t.truth, t.scores is not null from predictions t join results r on r.id = t.result join runs u on u.id = r.run join pilots p on p.id = u.pilot
		where p.name = ? and t.clip = ? order by t.result desc limit 1`, pilot, clip).Scan(&result, &truth, &several)
	if err == sql.ErrNoRows {
		return "", nil, false, nil
	}
	if err != nil {
		return "", nil, false, err
	}
	err = each(ctx, tx, `select name from classes where result = ? order by pos`, []any{result}, func(scan scanner) error {
		var name string
		err := scan(&name)
		classes = append(classes, name)
		return err
	})
	return truth, classes, several, err
}

// doubted takes a doubt in.
func (b *Book) doubted(e Entry) {
	i := slices.IndexFunc(b.Doubts, func(old Entry) bool { return old.Doubt.Clip == e.Doubt.Clip })
	switch {
	case e.Doubt.Withdrawn && i >= 0:
		b.Doubts = slices.Delete(slices.Clone(b.Doubts), i, i+1)
	case e.Doubt.Withdrawn:
	case i >= 0:
		b.Doubts[i] = e
	default:
		b.Doubts = append(b.Doubts, e)
	}
}

// Standing is the number that a result is compared by: top-1 or, where clips
// may be of several classes, mAP.
type Standing struct {
	N                int // clips
	Value, Low, High float64
	Interval         string  // its kind, as in gate.Reading
	Confidence       float64 // of it
}

// Standing works it out again, at the confidence of the result's looks.
func (r Result) Standing(rec Record) (Standing, error) {
	conf := probe.LookConfidence(r.Look, r.Agreed)
	if r.Several() {
		s, err := RescoreSeveral(rec, r, conf)
		return Standing{s.N, s.MAP, s.Low, s.High, string(s.Method), conf}, err
	}
	s, err := Rescore(rec, r, conf)
	return Standing{s.N, s.Top1.Value, s.Top1.Low, s.Top1.High, string(s.Top1.Method), conf}, err
}

// WithoutDoubts is where a result stands on the clips that are not in doubt,
// and how many of the others it got wrong and right. It is an error if none is
// left, or those that are tell nothing.
func WithoutDoubts(rec Record, r Result, doubts []Entry) (s Standing, wrong, right int, err error) {
	var kept []Prediction
	for _, p := range r.Predictions {
		switch in := slices.ContainsFunc(doubts, func(e Entry) bool { return e.Doubt.Clip == p.Clip }); {
		case !in:
			kept = append(kept, p)
		case p.Correct:
			right++
		default:
			wrong++
		}
	}
	if len(kept) == 0 {
		return s, wrong, right, fault.New(fault.Input, "", "result %s: every clip is in doubt", r.Key)
	}
	r.Predictions = kept
	s, err = r.Standing(rec)
	return s, wrong, right, err
}

// left are the test clips that earlier runs of the pilot judged at the sites of
// this one and this one has no result of, though it has of others judged there:
// who takes clips off a list after seeing results changes what is measured. A
// test set that shares no clip with those before is another one.
func left(ctx context.Context, tx *sql.Tx, rec Record) ([]Clip, error) {
	now, sites := map[string]bool{}, map[string]bool{}
	for _, r := range rec.Results {
		for _, p := range r.Predictions {
			now[r.Site+"\x00"+p.Clip] = true
			sites[r.Site] = true
		}
	}
	var gone []Clip
	same := map[string]bool{} // sites
	err := each(ctx, tx, `
		select distinct r.site, t.clip, t.truth from predictions t join results r on r.id = t.result
		where t.result in ( -- one of each run and site will do: they judge the same clips
			select min(r.id) from results r join runs u on u.id = r.run
			where u.pilot = (select pilot from runs where id = ?1) and u.started < (select started from runs where id = ?1)
				and exists (select 1 from predictions t where t.result = r.id)
			group by r.run, r.site)
		order by r.site, t.clip`, []any{rec.Run.ID},
		func(scan scanner) error {
			var c Clip
			if err := scan(&c.Site, &c.ID, &c.Class); err != nil || !sites[c.Site] {
				return err
			}
			if now[c.Site+"\x00"+c.ID] {
				same[c.Site] = true
			} else if n := len(gone); n == 0 || gone[n-1].ID != c.ID { // labelled twice, it is one
				gone = append(gone, c)
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("compare with the test clips judged before: %w", err)
	}
	return slices.DeleteFunc(gone, func(c Clip) bool { return !same[c.Site] }), nil
}

// leftBy is how many test clips a result lacks that earlier runs judged at its
// site; none where there is no result.
func leftBy(ctx context.Context, tx *sql.Tx, rec Record, result string) (n int, err error) {
	i := slices.IndexFunc(rec.Results, func(r Result) bool { return r.Key == result })
	if i < 0 {
		return 0, nil
	}
	gone, err := left(ctx, tx, rec)
	for _, c := range gone {
		if c.Site == rec.Results[i].Site {
			n++
		}
	}
	return n, err
}
