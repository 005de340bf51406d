package pilot

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// SiteFinding is what can be said of a site whose clips have no labels before
// any classifier is: whether it differs from where the labels come from, and
// in what.
type SiteFinding struct {
	Key        string // unique in its run
	Site       string
	Classifier string // what it goes by
	Verdict    string // in what the site differs, e.g. look; same: in nothing that was seen
	Clips      int
	Recordings int
	Suggested  string              // method to take a classifier there with; empty for none
	ToConfirm  int                 // clips to label to know the accuracy there
	Words      map[string][]string // sentences by language
	Numbers    json.RawMessage     // all that was found, as its finder writes it
}

// check reports the first thing nobody could read.
func (f SiteFinding) check() error {
	switch {
	case f.Key == "" || f.Site == "":
		return fmt.Errorf("it has no key or no site")
	case f.Clips < 0 || f.Recordings < 0 || f.ToConfirm < 0:
		return fmt.Errorf("%d clips of %d recordings, %d to label", f.Clips, f.Recordings, f.ToConfirm)
	case !json.Valid(f.Numbers):
		return fmt.Errorf("its numbers are not JSON")
	}
	return nil
}

// Site records a finding, instead of one of the same key.
func (l *Ledger) Site(ctx context.Context, runID string, f SiteFinding) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("pilot: record finding %q: %w", f.Key, err)
	}
	return l.transact(ctx, "record finding "+f.Key, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from site_findings where run = ? and key = ?`, runID, f.Key); err != nil {
			return err
		}
		row, err := tx.ExecContext(ctx, `
			insert into site_findings (run, key, site, classifier, verdict, clips, recordings, suggested, to_confirm, numbers, recorded)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			runID, f.Key, f.Site, f.Classifier, f.Verdict, f.Clips, f.Recordings, f.Suggested, f.ToConfirm, string(f.Numbers), formatTime(l.now()))
		if err != nil {
			return unknownRun(runID, err)
		}
		id, err := row.LastInsertId()
		if err != nil {
			return err
		}
		for _, language := range slices.Sorted(maps.Keys(f.Words)) {
			sentences := f.Words[language]
			err := insert(ctx, tx, `insert into site_words (finding, language, pos, sentence) values (?, ?, ?, ?)`,
				len(sentences), func(i int) []any { return []any{id, language, i, sentences[i]} })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// readFindings reads the findings of a run by key.
func readFindings(ctx context.Context, tx *sql.Tx, runID string) ([]SiteFinding, error) {
	var list []SiteFinding
	at := map[int64]int{} // row id → index in list
	err := each(ctx, tx, `
		select id, key, site, classifier, verdict, clips, recordings, suggested, to_confirm, numbers
		from site_findings where run = ? order by key`, []any{runID},
		func(scan scanner) error {
			f := SiteFinding{Words: map[string][]string{}}
			var id int64
			var numbers string
			err := scan(&id, &f.Key, &f.Site, &f.Classifier, &f.Verdict, &f.Clips, &f.Recordings, &f.Suggested, &f.ToConfirm, &numbers)
			f.Numbers = json.RawMessage(numbers)
			at[id] = len(list)
			list = append(list, f)
			return err
		})
	if err != nil {
		return nil, err
	}
	return list, each(ctx, tx, `
		select w.finding, w.language, w.sentence
		from site_words w join site_findings f on f.id = w.finding where f.run = ? order by w.finding, w.language, w.pos`, []any{runID},
		func(scan scanner) error {
			var id int64
			var language, sentence string
			err := scan(&id, &language, &sentence)
			words := list[at[id]].Words
			words[language] = append(words[language], sentence)
			return err
		})
}
