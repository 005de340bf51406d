package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// onFinishKey is where a person's environment names the command that hears of
// the end of every run, those that the guided pilot starts included.
const onFinishKey = "FRAMEPILOT_ON_FINISH"

// Outcomes of a run, for the command that hears of its end.
const (
	outcomeDone        = "done"
	outcomePartial     = "partial"     // done, but more clips failed than the plan tolerates
	outcomeInterrupted = "interrupted" // stopped, or out of budget: the same command goes on
	outcomeFailed      = "failed"
)

func outcomeOf(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return outcomeDone
	case fault.KindOf(err) == fault.Partial:
		return outcomePartial
	case ctx.Err() != nil, errors.Is(err, adapt.ErrBudget):
		return outcomeInterrupted
	}
	return outcomeFailed
}

// onFinish tells a command of the shell that a run has ended: the bell does not
// reach who has gone home. The command is the user's own; a plan, which may come
// from anywhere, can't name one. What it prints is talk, and how it ends changes
// nothing about the run.
func (a *app) onFinish(command, plan, run, outcome string) {
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = append(os.Environ(), "FRAMEPILOT_PLAN="+plan, "FRAMEPILOT_RUN="+run, "FRAMEPILOT_OUTCOME="+outcome)
	cmd.Stdout, cmd.Stderr = a.errs, a.errs
	if err := cmd.Run(); err != nil {
		a.tell(words.Say("note: %s", words.Say("the command told of the end of the run, %s: %v", command, err)))
	}
}
