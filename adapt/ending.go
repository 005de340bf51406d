package adapt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// stop records why a run did not come to its end and passes the reason on.
func (r *run) stop(ctx context.Context, reason error) error {
	status, why, said := pilot.Failed, reason.Error(), fault.Said(reason)
	if ctx.Err() != nil || errors.Is(reason, ErrBudget) {
		status = pilot.Interrupted
	}
	if errors.Is(reason, context.Canceled) {
		why, said = "", words.Sentence{} // somebody stopped it: there is no more to say
	}
	r.log.Emit(live.Event{Kind: live.EventRun, Status: string(status)}.Saying(said))
	err := r.ledger.Finish(context.WithoutCancel(ctx), r.sum.Run, status, why)
	return errors.Join(reason, err)
}

// writeReports ends the run and writes what it found.
func (r *run) writeReports(ctx context.Context, failed error) error {
	message := ""
	if failed != nil {
		message = failed.Error()
	}
	if err := r.ledger.Finish(ctx, r.sum.Run, pilot.Done, message); err != nil {
		return err
	}
	known, err := r.ledger.Dossier(ctx, r.sum.Run, "")
	if err != nil {
		return err
	}
	if known.Since, err = r.ledger.Since(ctx, known.Record, ""); err != nil {
		return err
	}
	r.tellLeft(known)
	r.sum.Document = report.Build(known, r.o.Report)
	if err := r.tellSites(known.Record); err != nil {
		return err
	}
	r.begins(live.StageReport)
	if err := r.tellReplaced(ctx, r.ledger); err != nil {
		return err
	}
	for _, name := range r.plan.Report.Files {
		path := r.plan.Resolve(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fault.Disk("write the report", err)
		}
		if err := report.WriteFile(path, r.sum.Document); err != nil {
			return err
		}
		r.sum.Reports = append(r.sum.Reports, path)
	}
	r.ends(live.StageReport, StatusDone, words.Plain(strings.Join(r.plan.Report.Files, ", ")))
	if err := r.writeLock(); err != nil {
		return err
	}
	text := words.Say("%s new, %d kept", words.Counted(r.sum.New, "result"), r.sum.Kept)
	if r.sum.Unchanged() {
		text = words.Say("nothing to compute: all was done before")
	}
	r.log.Emit(live.Event{Kind: live.EventRun, Status: string(pilot.Done)}.Saying(text))
	return nil
}

// environment is what results should not depend on.
func (r *run) environment() map[string]string {
	env := map[string]string{
		"go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "processors": fmt.Sprint(runtime.NumCPU()),
	}
	for name, value := range r.o.Environment {
		env[name] = value
	}
	if speed, ok := r.clipsPerHour(); ok {
		env[pilot.ClipsPerHourKey] = speed
	}
	return env
}
