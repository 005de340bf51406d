package adapt

import (
	"context"
	"errors"
	"os"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/machine"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/roi"
)

// forecast puts an estimate beside what there is.
func (r *run) forecast(all live.Estimate, clips, results int) live.Forecast {
	f := live.Forecast{Estimate: all, Clips: clips, Results: results, Money: r.money, Spent: r.before.Seconds(),
		Budget: live.Budget{Hours: r.plan.Limits.MaxHours, Cost: r.plan.Limits.MaxCost, MaxFailed: float64(r.plan.Limits.MaxFailed)}}
	if clips+results > 0 {
		f.Bytes += r.ledgerBytes()
	}
	f.MemoryFree, _ = machine.FreeMemory() // zero says that it is not known
	f.DiskFree, _ = machine.FreeDisk(r.plan.Dir())
	f.Memory = r.rates.known.Peaks[r.memoryRate(clips)]
	if f.Memory == 0 {
		f.Memory = r.guessMemory(clips)
	}
	return f
}

// memoryRate is what a peak of memory is remembered under.
func (r *run) memoryRate(clips int) string {
	if clips == 0 {
		return "measure " + r.plan.Name
	}
	return r.embedRate()
}

// guessMemory is what this process took so far, which has the model, and what
// is to come: frames of clips under way and rows, which are copied twice.
func (r *run) guessMemory(clips int) int64 {
	info, o := r.x.info, r.x.o
	guess := r.x.memory() + 3*4*int64(len(r.data.Items))*int64(info.Dim)
	if clips > 0 {
		guess += int64(2*(o.Workers+o.Batch)) * int64(info.Frames.Frames) * 3 * int64(info.Frames.Size) * int64(info.Frames.Size)
	}
	return guess
}

// memory is the most that this process and its decoders held at once; zero
// where the system does not say.
func (x *Extractor) memory() int64 {
	own, child := machine.Peak()
	return own + int64(x.o.Workers)*child
}

// tellForecast says what the rest of the run will take.
func (r *run) tellForecast(f live.Forecast) {
	r.log.Emit(live.Event{Kind: live.EventForecast, Forecast: &f})
}

// forecastAhead is the forecast of a run whose clips are not all embedded.
func (r *run) forecastAhead(ctx context.Context, clips int) live.Forecast {
	embed, results := r.embedCost(clips), 0
	var rest []*live.Estimate
	for _, s := range r.lookAhead(ctx) {
		rest, results = append(rest, s.Cost), results+s.results
	}
	after := addUp(rest...)
	f := r.forecast(addUp(&embed, &after), clips, results)
	f.After = &after
	return f
}

// forecastRest is the forecast of a run whose clips are all embedded.
func (r *run) forecastRest(ctx context.Context, todo []task) live.Forecast {
	var costs []*live.Estimate
	for _, row := range byRow(todo) {
		if n := r.lacks(row); n > 0 {
			costs = append(costs, r.rowCost(ctx, row[0].stage, row[0].row, n))
		}
	}
	return r.forecast(addUp(costs...), 0, r.lacks(todo))
}

// lacks is how many of the results the ledger does not have.
func (r *run) lacks(todo []task) (n int) {
	for _, t := range todo {
		if !r.has[t.key] {
			n++
		}
	}
	return n
}

// readMoney finds what an hour of this machine costs: as the plan says, else as
// the pilot's journal does.
func (r *run) readMoney(ctx context.Context, ledger *pilot.Ledger) error {
	var m live.Money
	if ledger != nil {
		book, err := ledger.Book(ctx, r.plan.Name)
		if err != nil && !errors.Is(err, pilot.ErrNoPilot) {
			return err
		}
		m = live.Money{Currency: book.Rates().Currency, PerHour: book.Rates().MachinePerHour}
	}
	for _, x := range r.plan.Rates.assumptions(&problems{}) {
		switch x.Name {
		case pilot.Currency:
			m.Currency = x.Text
		case roi.MachinePerHour:
			m.PerHour = x.Range.Base
		}
	}
	if m.PerHour > 0 {
		r.money = &m
	} else if r.plan.Limits.MaxCost > 0 {
		r.warn(live.StageData, words.Say("limits.max_cost is not watched: nobody said what an hour of this machine costs (machine_per_hour in [rates.values], or framepilot pilot assume machine_per_hour=N --by NAME)"))
	}
	return nil
}

// lookInLedger reads from the ledger without changing it; nothing where there is none.
func (r *run) lookInLedger(ctx context.Context, read func(*pilot.Ledger) error) error {
	if _, err := os.Stat(LedgerFile(r.plan.Dir())); errors.Is(err, os.ErrNotExist) {
		return read(nil)
	}
	ledger, err := pilot.OpenReadOnly(ctx, LedgerFile(r.plan.Dir()))
	if err != nil {
		return err
	}
	return errors.Join(read(ledger), ledger.Close())
}

// ErrBudget is in the chain of the error that ends a run whose budget is spent.
var ErrBudget = errors.New("the plan's budget is spent")

// overBudget is the error of a run that took as long as the plan allows, its
// earlier processes with it and its pauses left out.
func (r *run) overBudget() error {
	spent := (r.before + r.o.Now().Sub(r.began) - r.paused).Seconds()
	limit, of := r.plan.Limits.MaxHours*3600, "limits.max_hours"
	if cost := r.plan.Limits.MaxCost; cost > 0 && r.money != nil {
		if s := cost / r.money.PerHour * 3600; limit == 0 || s < limit {
			limit, of = s, "limits.max_cost"
		}
	}
	if limit == 0 || spent <= limit {
		return nil
	}
	return fault.New(fault.Config, "raise it in the plan and run it again: it goes on from here, what is done is kept",
		"%w: %s after %s of work", ErrBudget, of, time.Duration(spent*float64(time.Second)).Round(time.Second))
}
