package adapt

import (
	"context"
	"errors"
	"os"
	"slices"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// TestPlan says how the test clips' labels are dealt with.
type TestPlan struct {
	Looks int   `toml:"looks"` // how many looks at them are agreed on: every interval allows for that many; 0 = 1
	Alpha Share `toml:"alpha"` // share of clips whose set of answers may miss the truth; 0 = 10 %
	// Conformal is who that is promised to: "", all clips together, or
	// "per-class", the clips of every class.
	Conformal string `toml:"conformal" json:",omitempty"`
}

// perClass is the promise of conformal sets to every class.
const perClass = "per-class"

func (t TestPlan) sets() probe.ConformalOptions {
	return probe.ConformalOptions{Alpha: float64(t.Alpha), PerClass: t.Conformal == perClass}
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
	said := words.Say("%s: %s", site, pilot.LookText(look, agreed))
	r.log.Emit(live.Event{Kind: live.EventLook, Stage: live.StageFit, Status: site}.Saying(said))
	if look > agreed {
		r.warn(live.StageFit, said)
	}
}

// tellLeft warns where test clips that earlier runs judged are measured no more:
// a number may be better for that alone.
func (r *run) tellLeft(known pilot.Dossier) {
	if len(known.Left) == 0 {
		return
	}
	doubted := 0
	for _, c := range known.Left {
		if known.Board != nil && slices.ContainsFunc(known.Board.Doubts, func(e pilot.Entry) bool { return e.Doubt.Clip == c.ID }) {
			doubted++
		}
	}
	r.warn(live.StageReport, words.Say("%s judged by earlier runs not measured any more, %d of them with a recorded doubt: the report says what that may be worth",
		words.Counted(len(known.Left), "test clip"), doubted))
}

// PilotLooks counts looks at test clips in the ledger of the pilot in dir; it is
// nil, without an error, where there is no pilot. A clip without an id is known
// by its embedding. close ends the counting.
func PilotLooks(ctx context.Context, dir string, test probe.Features) (looks probe.Looks, close func() error, err error) {
	if _, err := os.Stat(LedgerFile(dir)); errors.Is(err, os.ErrNotExist) {
		return nil, func() error { return nil }, nil
	}
	ledger, err := pilot.Open(ctx, LedgerFile(dir))
	if err != nil {
		return nil, nil, err
	}
	clips := test.IDs
	for i := len(clips); i < test.Len(); i++ {
		clips = append(clips, "embedding "+pin(test.X.Row(i)))
	}
	return &siteLooks{ledger, clips, func(int) {}, map[string]int{}}, ledger.Close, nil
}

// FitPurpose names what a method fitted to clips outside a plan looks at test
// labels for: the same method, settings and clips are the same look.
func FitPurpose(method string, settings map[string]string, clips ...probe.Features) string {
	parts := []any{method, settings}
	for _, f := range clips {
		parts = append(parts, f.Digest())
	}
	return "fit " + method + " " + pin(parts)
}
