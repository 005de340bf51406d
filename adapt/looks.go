package adapt

import (
	"context"

	"framepilot/pilot"
	"framepilot/probe"
)

// TestPlan says how the test clips' labels are dealt with.
type TestPlan struct {
	Looks int   `toml:"looks"` // how many looks at them are agreed on: every interval allows for that many; 0 = 1
	Alpha Share `toml:"alpha"` // share of clips whose set of answers may miss the truth; 0 = 10 %
}

// siteLooks counts the looks at one site's test clips in the ledger.
type siteLooks struct {
	ledger *pilot.Ledger
	clips  []string
	heard  func(look int) // told of every look that is counted
	number map[string]int // of looks counted by this process
}

// Look implements probe.Looks.
func (l *siteLooks) Look(ctx context.Context, what string) (int, error) {
	if n := l.number[what]; n > 0 {
		return n, nil
	}
	n, err := l.ledger.Look(ctx, l.clips, what)
	if err == nil {
		l.number[what] = n
		l.heard(n)
	}
	return n, err
}

// counted returns what counts the looks of this run at a site's clips. All the
// run measures there is one look: its plan was fixed before.
func (r *run) counted(site string, f probe.Features) *siteLooks {
	return &siteLooks{r.ledger, f.IDs, func(look int) { r.tellLook(site, look) }, map[string]int{}}
}

// purpose names the look of this run at a site: the same plan on the same data
// is the same look, however often it is carried out.
func (r *run) purpose(site string) string { return r.asks + " at " + site }

// tellLook says once a site which look it is.
func (r *run) tellLook(site string, look int) {
	if r.told[site] {
		return
	}
	r.told[site] = true
	agreed := r.plan.Test.Looks
	r.log.emit(Event{Kind: EventLook, Stage: StageFit, Status: site, Text: site + ": " + pilot.LookText(look, agreed)})
	if look > agreed {
		r.warn(StageFit, site+": "+pilot.LookText(look, agreed))
	}
}
