package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
)

func (a *app) runsCmd() *cobra.Command {
	var dir string
	c := a.jsonFlag(&cobra.Command{
		Use:   "runs",
		Short: "Runs of a pilot; attach, stop, pause, resume",
		Long: `Lists the runs of a pilot and says which one is at work. A run is a process of its
own: it may have been started in another terminal, or by a terminal UI that is
closed by now.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := listRuns(cmd.Context(), dir)
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) { printRuns(w, list) })
		},
	})
	steer := func(use, short string, said words.Sentence, do func(dir string) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			if err := do(dir); err != nil {
				return err
			}
			a.tell(said)
			return nil
		}}
	}
	c.AddCommand(
		a.attachCmd(&dir),
		steer("stop", "End the run at work; what is done is sealed, the same plan goes on from there",
			words.Say("asked it to stop: it seals what is done and ends"), func(dir string) error { _, err := live.Stop(dir); return err }),
		steer("pause", "Make the run at work wait before its next clip or result", words.Say("it waits; framepilot runs resume lets it go on"), live.Pause),
		steer("resume", "Let a paused run go on", words.Say("it goes on"), live.Resume),
	)
	c.PersistentFlags().StringVar(&dir, "pilot", ".", "folder of the pilot, the one that holds plan.toml")
	return c
}

// runsList is what `runs --json` prints.
type runsList struct {
	AtWork *live.Owner `json:"at_work"` // the process; null where none is
	Runs   []runLine   `json:"runs"`    // the one that spoke last first
}

// runLine is one run. Of a run that nobody carries out but that never ended,
// the status is "killed".
type runLine struct {
	Run    string    `json:"run"`
	Status string    `json:"status"`
	Last   time.Time `json:"last"`
	Stage  string    `json:"stage"`
	Done   int       `json:"done"`
	Total  int       `json:"total"`
	Failed int       `json:"failed"`
	Why    string    `json:"why,omitempty"`
}

func listRuns(ctx context.Context, dir string) (list runsList, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return list, fault.New(fault.Input, "name the folder that holds plan.toml", "no folder %s", dir)
	}
	owner, ok, err := live.Running(dir)
	if err != nil {
		return list, err
	}
	if ok {
		list.AtWork = &owner
	}
	logs, err := live.Runs(dir)
	if err != nil {
		return list, err
	}
	list.Runs = []runLine{}
	for i, log := range logs {
		s, _, err := live.Follow(dir, log.ID).Look()
		if err != nil {
			return list, err
		}
		status := s.Status
		if !s.Ended() && (i > 0 || !ok) {
			status = "killed"
		}
		list.Runs = append(list.Runs, runLine{log.ID, status, s.Last, s.Stage, s.Now.Done, s.Now.Total, len(s.Failed), s.Why})
		if err := ctx.Err(); err != nil {
			return list, err
		}
	}
	return list, nil
}

func printRuns(w io.Writer, list runsList) {
	if len(list.Runs) == 0 {
		fmt.Fprintln(w, "no runs yet")
	} else {
		t := columns(w)
		fmt.Fprintln(t, "RUN\tSTATUS\tSTAGE\tCLIPS\tLAST HEARD OF")
		for _, r := range list.Runs {
			clips := "-"
			if r.Total > 0 {
				clips = fmt.Sprintf("%d of %d", r.Done, r.Total)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Run, r.Status, cmp.Or(r.Stage, "-"), clips, r.Last.Local().Format("2006-01-02 15:04:05"))
		}
		t.Flush()
	}
	if list.AtWork != nil {
		fmt.Fprintf(w, "at work: process %d on %s since %s\n", list.AtWork.PID, list.AtWork.Host, list.AtWork.Since.Local().Format("15:04:05"))
	}
}

func (a *app) attachCmd(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "attach [RUN]",
		Short: "Follow a run until it ends; Ctrl-C lets go of it, and it goes on",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			logs, err := live.Runs(*dir)
			if err != nil {
				return err
			}
			if len(logs) == 0 {
				return fault.New(fault.Missing, "start one: framepilot run plan.toml", "there is no run in %s", *dir)
			}
			a.watching.Store(true)
			return a.follow(cmd.Context(), *dir, cmp.Or(first(args), logs[0].ID))
		},
	}
}

// ended is how a run ended, and why where that is known.
func ended(s live.State) words.Sentence {
	if s.Why == "" {
		return words.Say(s.Status)
	}
	return words.Say("%s: %s", words.Say(s.Status), s.Said.Or(s.Why))
}

// followLook is how often an event log is looked at.
const followLook = 250 * time.Millisecond

// follow shows what a run says until it ends or its process is gone.
func (a *app) follow(ctx context.Context, dir, run string) error {
	p := a.progress()
	defer p.end()
	show, f := a.showEvents(p), live.Follow(dir, run)
	look := time.NewTicker(followLook)
	defer look.Stop()
	for {
		_, alive, err := live.Running(dir) // before the log: what it wrote last is read below
		if err != nil {
			return err
		}
		s, fresh, err := f.Look()
		if err != nil {
			return err
		}
		for _, e := range fresh {
			show(e)
			if e.Kind == live.EventRun || e.Kind == live.EventStage && e.Status != "started" {
				p.line("%s %s", cmp.Or(e.Stage, string(e.Kind)), strings.TrimSuffix(e.Status+": "+e.Text, ": "))
			}
		}
		switch {
		case s.Ended() && !alive:
			if s.Status != string(pilot.Done) {
				return fault.New(fault.Failed, "the same plan goes on from there", "run %s: %s", run, ended(s))
			}
			return nil
		case !alive:
			return fault.New(fault.Failed, "the same plan goes on from where it was: framepilot run plan.toml", "run %s was killed; nobody carries it out", run)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}
