//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
)

// profile times operations by marks before and after each, once it is on:
// the marks keep the device from running ahead.
type profile struct {
	on    bool
	marks []driver.Event
	used  int
	ops   []timed
}

// timed is an operation between two marks.
type timed struct {
	operation
	from, to driver.Event
}

// time issues an operation. Those without a name are not worth a mark.
func (p *profile) time(c *driver.Context, s driver.Stream, o operation) error {
	if !p.on || o.name == "" {
		return o.issue(c)
	}
	from, err := p.mark(c, s)
	if err != nil {
		return err
	}
	if err := o.issue(c); err != nil {
		return err
	}
	to, err := p.mark(c, s)
	o.issue = nil // and what it holds
	p.ops = append(p.ops, timed{o, from, to})
	return err
}

func (p *profile) mark(c *driver.Context, s driver.Stream) (driver.Event, error) {
	if p.used == len(p.marks) {
		e, err := c.NewEvent()
		if err != nil {
			return 0, err
		}
		p.marks = append(p.marks, e)
	}
	p.used++
	return p.marks[p.used-1], c.Record(p.marks[p.used-1], s)
}

func (p *profile) free(c *driver.Context) {
	for _, e := range p.marks {
		c.FreeEvent(e)
	}
}

// sum adds up what ran, in order of first use.
func (p *profile) sum(c *driver.Context) (ops []backend.OpTime) {
	at := map[string]int{}
	for _, o := range p.ops {
		took, err := c.Elapsed(o.from, o.to)
		if err != nil {
			continue // of a pass that failed
		}
		i, ok := at[o.name]
		if !ok {
			i, at[o.name] = len(ops), len(ops)
			ops = append(ops, backend.OpTime{Name: o.name})
		}
		ops[i].Calls++
		ops[i].Seconds += took
		ops[i].Flops += float64(o.flops)
		ops[i].Bytes += float64(o.bytes)
	}
	p.ops, p.used = nil, 0
	return ops
}

// Measure and Profile are the queue's backend.Profiler.
func (q *queue) Measure() {
	q.flush()
	q.e.device.Go(func(*driver.Context) { q.profile.on, q.profile.ops, q.profile.used = true, nil, 0 })
}

func (q *queue) Profile() (ops []backend.OpTime) {
	q.flush()
	// Without an error: what cannot be timed is left out.
	_ = q.e.device.Do(func(c *driver.Context) error {
		ops = q.profile.sum(c)
		return nil
	})
	return ops
}
