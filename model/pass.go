package model

import (
	"context"
	"fmt"

	"framepilot/model/backend"
)

// rowsPerPass bounds the rows of one forward pass, so that memory does not
// grow with the number of clips or texts asked for at once. A backend may
// wish for another number.
const rowsPerPass = 4096

// pass is one forward pass: of how many clips or texts, how many rows it gives,
// and its operations.
type pass struct {
	clips, rows int
	issue       func(backend.Queue) backend.Tensor // (rows, embed)
}

// fly runs passes over the queues in turn: with two, one pass uploads while
// another computes. It returns the rows in order.
func (m *Model) fly(ctx context.Context, passes []pass) (rows [][]float32, err error) {
	flying := make([][]float32, len(m.queues)) // what each queue's pass will give
	land := func(k int) error {
		all := flying[k]
		if all == nil {
			return nil
		}
		flying[k] = nil
		err := m.queues[k].Sync()
		m.queues[k].Reset()
		if err != nil {
			return fmt.Errorf("model: forward: %w", err)
		}
		for E := m.Config.Embed; len(all) > 0; all = all[E:] {
			rows = append(rows, all[:E:E])
		}
		return nil
	}
	defer func() { // what still flies after an error
		for k := range flying {
			if e := land(k); err == nil {
				err = e
			}
		}
		if err != nil {
			rows = nil
		}
	}()
	for i, p := range passes {
		k := i % len(m.queues)
		if err := land(k); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		flying[k] = make([]float32, p.rows*m.Config.Embed)
		m.queues[k].Download(flying[k], p.issue(m.queues[k]))
	}
	for i := range m.queues {
		if err := land((len(passes) + i) % len(m.queues)); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// run is fly for one pass.
func (m *Model) run(ctx context.Context, clips int, issue func(backend.Queue) backend.Tensor) ([][]float32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fly(ctx, []pass{{clips, clips, issue}})
}

// clipsPerPass is how many clips of T frames go through the tower together.
func (m *Model) clipsPerPass(T int) int {
	if m.batch > 0 {
		return m.batch
	}
	return max(1, m.rows/(1+T*m.PatchesPerFrame()))
}

// halve makes passes half as large as the largest of these, once, if it had
// more than one clip.
func (m *Model) halve(passes []pass) bool {
	most := 0
	for _, p := range passes {
		most = max(most, p.clips)
	}
	if m.halved || most < 2 {
		return false
	}
	m.halved, m.batch = true, most/2
	m.note(fmt.Sprintf("out of device memory with %d clips at a time: going on with %d", most, m.batch))
	return true
}

// Batch is how many clips are worth giving to EmbedClips at once: enough for
// every queue to have a pass; zero where it does not matter.
func (m *Model) Batch() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queues) == 1 {
		return m.batch
	}
	return len(m.queues) * m.clipsPerPass(m.Config.Frames)
}
