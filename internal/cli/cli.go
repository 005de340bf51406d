package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/tui/shell"
)

// Version is the program's version; releases set it at link time.
var Version = "dev"

// Exit codes.
const (
	exitDone        = 0
	exitUnexpected  = 1
	exitUsage       = 2
	exitConfig      = 3
	exitInput       = 4
	exitMissing     = 5
	exitFailed      = 6
	exitUndecided   = 7
	exitPartial     = 8
	exitHungUp      = 129
	exitInterrupted = 130
	exitTerminated  = 143
)

// Main runs the command line and returns the process's exit code. The first
// Ctrl-C, SIGTERM or closed terminal cancels the context, so that running work
// seals what it has; the second ends the process at once.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got atomic.Value
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup lets work go on
		signal.Notify(signals, syscall.SIGHUP)
	}
	a := &app{in: in, out: out, errs: errs, language: lang.OfCommands(os.Getenv), decoder: video.NewDecoder(video.DecoderOptions{})}
	go func() {
		got.Store(<-signals)
		signal.Stop(signals)
		if !a.watching.Load() {
			a.tell(words.Say("\nstopping: sealing what is done (again to stop at once)"))
		}
		cancel()
	}()

	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if s := got.Load(); s != nil && errors.Is(err, context.Canceled) {
		if a.watching.Load() {
			a.tell(words.Say("\nlet go; a run at work goes on, framepilot runs stop ends it"))
		} else {
			a.tell(words.Say("interrupted; the same command goes on from here"))
		}
		switch s {
		case syscall.SIGTERM:
			return exitTerminated
		case syscall.SIGHUP:
			return exitHungUp
		}
		return exitInterrupted
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintf(errs, "framepilot: %s\n", a.language.Error(err))
		fix := fault.Fix(err)
		if fix.IsZero() {
			fix = lost(err)
		}
		if !fix.IsZero() {
			fmt.Fprintln(errs, a.language.Say(words.Say("  try: %s", fix)))
		}
	}
	return code(err)
}

func code(err error) int {
	if errors.Is(err, shell.ErrHangup) { // the UI heard of it before this did
		return exitHungUp
	}
	switch fault.KindOf(err) {
	case fault.Usage:
		return exitUsage
	case fault.Config:
		return exitConfig
	case fault.Input:
		return exitInput
	case fault.Missing:
		return exitMissing
	case fault.Partial:
		return exitPartial
	case fault.Failed:
		return exitFailed
	case fault.Undecided:
		return exitUndecided
	}
	return exitUnexpected
}

// errReported ends a command whose result, already printed, is a failure.
var errReported = errors.New("reported")

// failed returns an error of kind k for something the command has printed.
func failed(k fault.Kind) error { return &fault.Error{Kind: k, Err: errReported} }

// app is what every command shares.
type app struct {
	in        io.Reader
	out, errs io.Writer
	json      bool
	language  lang.Language // of what it says to people; the terminal UI sets it for the commands it runs
	decoder   *video.Decoder

	watching atomic.Bool // the command only follows what another process does: Ctrl-C stops nothing
}

func (a *app) root() *cobra.Command {
	ui := tuiFlags{}
	root := &cobra.Command{
		Use:   "framepilot",
		Short: "Can a pretrained video model do our job, and what would it take?",
		Long: `framepilot runs the pretrained video model TVTSv2 on your own videos, on this
machine, and measures on a few labelled clips whether it can do the job:
small first, evidence, then expand. Nothing leaves the machine.

Start with:  framepilot demo        the whole story on small generated data
             framepilot doctor      what this machine can do
             framepilot             in a terminal: the guided pilot`,
		SilenceErrors: true, SilenceUsage: true,
		Version: version(),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !a.hasTerminal() && cmd.Flags().NFlag() == 0 {
				return cmd.Help()
			}
			return a.startUI(cmd.Context(), ui)
		},
	}
	ui.on(root)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errs)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUsage(cmd, orMeant(err, flagMeant(cmd, err)))
	})
	root.AddCommand(a.demoCmd(), a.doctorCmd(), a.modelCmd(), a.videoCmd(), a.embedCmd(), a.classifyCmd(), a.searchCmd(),
		a.dataCmd(), a.planCmd(), a.fitCmd(),
		a.methodsCmd(), a.labelCmd(), a.bundleCmd(), a.shiftCmd(), a.runCmd(), a.runsCmd(), a.pilotCmd(), a.reportCmd(), a.exportCmd(), a.tuiCmd(), a.resetTerminalCmd())
	usageErrors(root)
	return root
}

// usageErrors makes wrong arguments usage faults, in every command below c.
// A group called with words it does not know says so rather than show help.
func usageErrors(c *cobra.Command) {
	check := c.Args
	if c.HasSubCommands() && c.RunE == nil {
		check = cobra.NoArgs
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		err := cmd.ValidateRequiredFlags()
		if err == nil && check != nil {
			err = check(cmd, args)
		}
		if err != nil {
			return wrongUsage(cmd, orMeant(err, commandMeant(cmd, args)))
		}
		return nil
	}
	for _, sub := range c.Commands() {
		usageErrors(sub)
	}
}

// release names this build: a version, or for one built from a checkout its commit.
func release() string {
	v := Version
	if info, ok := debug.ReadBuildInfo(); ok && v == "dev" {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				v += "-" + s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				v += "-modified"
			}
		}
	}
	return v
}

func version() string {
	return fmt.Sprintf("framepilot %s (%s, %s/%s)", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// require makes a flag of c mandatory.
func require(c *cobra.Command, flag string) {
	if err := c.MarkFlagRequired(flag); err != nil {
		panic(err) // the command has no such flag
	}
}

// jsonFlag gives a command --json.
func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print the result as JSON")
	return c
}

// dirFlag gives a command the folder of a pilot.
func dirFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "pilot", ".", "folder of the pilot, the one that holds plan.toml")
}

// first is what may be named or left out, "" where it is.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// columns aligns cells that end in tabs.
func columns(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// figures is columns for numbers, aligned on their right.
func figures(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// print writes v as indented JSON with --json, else what human writes.
func (a *app) print(v any, human func(w io.Writer)) error {
	if a.json {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return fmt.Errorf("print json: %w", err)
		}
		return nil
	}
	var b strings.Builder
	human(&b)
	_, err := io.WriteString(a.out, b.String())
	return err
}
