package pilot

import (
	"context"
	"database/sql"
	"fmt"

	"framepilot/internal/words"
)

// Look records that the labels of test clips are read, and returns which look
// at them this is, from 1. what says what for; the same words again are the
// same look and keep its number, as when a run that was cut short goes on.
//
// Looks are counted clip by clip, and the clip that was looked at most often
// gives the number: a clip more or less makes no test set new. A clip is
// known by its id.
func (l *Ledger) Look(ctx context.Context, clips []string, what string) (n int, err error) {
	if what == "" || len(clips) == 0 {
		return 0, fmt.Errorf("pilot: a look at %d clips for %q: it needs clips and a purpose", len(clips), what)
	}
	err = l.transact(ctx, "record a look at test labels", func(tx *sql.Tx) error {
		now := formatTime(l.now())
		err := insert(ctx, tx, `insert into looks (test, what, at) values (?, ?, ?) on conflict do nothing`,
			len(clips), func(i int) []any { return []any{clips[i], what, now} })
		if err != nil {
			return err
		}
		n, err = lookNumber(ctx, tx, what)
		return err
	})
	return n, err
}

// lookNumber counts, of the clips looked at for one purpose, the looks up to
// that one, and returns the most.
func lookNumber(ctx context.Context, tx *sql.Tx, what string) (n int, err error) {
	err = tx.QueryRowContext(ctx, `
		select coalesce(max(number), 0) from (
			select count(*) as number
			from looks this join looks other on other.test = this.test and other.rowid <= this.rowid
			where this.what = ? group by this.test)`, what).Scan(&n)
	return n, err
}

// LookText says which look at test labels it is, and what that makes of it.
func LookText(look, agreed int) words.Sentence {
	if look > agreed {
		return words.Say("look %d at a test agreed for %d: treat as exploratory", look, agreed)
	}
	return words.Say("look %d at a test agreed for %d", look, agreed)
}
