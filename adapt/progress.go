package adapt

import (
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/machine"
)

// progress tells how far the embedding of clips is, at most once a second, and
// where the time goes.
type progress struct {
	x                           *Extractor
	total, cached, done, failed int // done and failed count clips that were not cached
	began, told                 time.Time

	since                 time.Time // what follows was not spent yet
	decoding, model, disk time.Duration
}

// spent adds the time since the last call to what it went to.
func (p *progress) spent(on *time.Duration) {
	now := p.x.o.Now()
	*on += now.Sub(p.since)
	p.since = now
}

// pause leaves out time that went to nothing.
func (p *progress) pause(d time.Duration) {
	p.began, p.since = p.began.Add(d), p.since.Add(d)
}

func (p *progress) report(last bool) {
	now := p.x.o.Now()
	if !last && now.Sub(p.told) < time.Second {
		return
	}
	p.told = now
	e := live.Event{
		Kind: live.EventProgress, Stage: live.StageEmbed,
		Done: p.cached + p.done, Total: p.total, Cached: p.cached, Failed: p.failed, Memory: p.x.memory(),
	}
	if p.x.o.Cache != "" {
		e.DiskFree, _ = machine.FreeDisk(p.x.o.Cache) // zero where it is not known
	}
	if took := now.Sub(p.began).Seconds(); took > 0 {
		e.Rate = float64(p.done) / took
	}
	if all := (p.decoding + p.model + p.disk).Seconds(); all > 0 {
		e.Decoding, e.Model, e.Disk = p.decoding.Seconds()/all, p.model.Seconds()/all, p.disk.Seconds()/all
	}
	p.x.o.Emit(e)
}
