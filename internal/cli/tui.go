package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/muesli/termenv"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/keys"
	"framepilot/tui/linear"
	"framepilot/tui/paint"
	"framepilot/tui/shell"
)

// tuiFlags are how the terminal UI looks.
type tuiFlags struct {
	dir, language    string
	notify, colour   string
	linear, readOnly bool
}

// on gives a command the flags of the terminal UI.
func (f *tuiFlags) on(c *cobra.Command) {
	dirFlag(c, &f.dir)
	c.Flags().StringVar(&f.language, "lang", "", "en or ja (default: the language of your environment)")
	c.Flags().BoolVar(&f.linear, "linear", false, "line by line, for screen readers; FRAMEPILOT_LINEAR=1 does the same")
	c.Flags().StringVar(&f.colour, "color", "auto", "none, 16, 256, true, or auto: what the environment says, NO_COLOR and CLICOLOR_FORCE too")
	c.Flags().StringVar(&f.notify, "notify", "", "when a run ends: osc9 (bell and desktop), osc777, bell or off; FRAMEPILOT_NOTIFY does the same (default osc9)")
	c.Flags().BoolVar(&f.readOnly, "read-only", false, "start and record nothing")
}

func (a *app) tuiCmd() *cobra.Command {
	var f tuiFlags
	c := &cobra.Command{
		Use:   "tui",
		Short: "The guided pilot in this terminal; what framepilot alone starts, too",
		Long: `Guides through a pilot: what this machine can do, where the pilot stands, what to
do next and what it costs. Everything it does is a command of this program,
which = shows. Runs go on when the window closes.

--linear reads the same screens out, line by line, for screen readers.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.startUI(cmd.Context(), f) },
	}
	f.on(c)
	c.AddCommand(a.tuiKeysCmd())
	return c
}

// hasTerminal says whether a UI can be shown.
func (a *app) hasTerminal() bool {
	in, isIn := a.in.(*os.File)
	out, isOut := a.out.(*os.File)
	return isIn && isOut && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

func (a *app) startUI(ctx context.Context, f tuiFlags) error {
	language := lang.OfUser(os.Getenv)
	if f.language != "" {
		var err error
		if language, err = lang.Parse(f.language); err != nil {
			return err
		}
	}
	notify, err := shell.ParseNotice(cmp.Or(f.notify, os.Getenv("FRAMEPILOT_NOTIFY")))
	if err != nil {
		return err
	}
	profile, err := colours(f.colour)
	if err != nil {
		return err
	}
	if f.readOnly { // a run that others see to
		notify = shell.NoticeOff
	}
	own, err := keys.Read(keysFile())
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	ui := tui.New(tui.Options{
		Dir: f.dir, Language: language, ReadOnly: f.readOnly, Keys: own, By: userName(), Commands: commands{exe}, Models: modelNames, Frames: a.frames,
		Player: player(runtime.GOOS, os.Getenv, exec.LookPath),
		Doctor: func(context.Context) []tui.Check {
			var checks []tui.Check
			for _, x := range a.examine() {
				checks = append(checks, tui.Check{Name: x.name, Text: x.detail, Fix: x.fix, Bad: x.State == "problem"})
			}
			return checks
		},
	})
	source := ""
	switch {
	case f.linear:
		source = "flag --linear"
	case os.Getenv("FRAMEPILOT_LINEAR") == "1":
		source = "FRAMEPILOT_LINEAR"
	case a.hasTerminal() && os.Getenv("TERM") == "dumb": // nothing can be drawn there
		source = "TERM=dumb"
	}
	if source != "" {
		fmt.Fprintln(a.out, language.Text("linear.on", lang.Args{"Source": source}))
		return linear.Run(ctx, ui, bufio.NewReader(a.in), a.out, linear.Options{Bell: notify != shell.NoticeOff && a.hasTerminal()})
	}
	if !a.hasTerminal() {
		return shell.Needs("framepilot pilot show, framepilot run, framepilot report, or framepilot tui --linear")
	}
	a.watching.Store(true) // what it runs is others' work
	t := shell.Terminal{In: a.in.(*os.File), Out: a.out.(*os.File), Notify: notify}
	traits := shell.Ask(t.In, t.Out)
	t.Style, t.Other = paint.NewStyle(profile, !traits.Light), paint.NewStyle(profile, traits.Light)
	if profile != termenv.Ascii && profile != termenv.ANSI { // 16 colours make no picture
		t.Graphics = traits.Graphics
		t.Style.Pictures, t.Other.Pictures = traits.HalfBlocks, traits.HalfBlocks
	}
	return shell.Run(ctx, ui, t)
}

// colours is how many colours to paint with.
func colours(asked string) (termenv.Profile, error) {
	switch asked {
	case "auto":
		if os.Getenv("NO_COLOR") != "" { // whatever else is set
			return termenv.Ascii, nil
		}
		return termenv.EnvColorProfile(), nil
	case "none":
		return termenv.Ascii, nil
	case "16":
		return termenv.ANSI, nil
	case "256":
		return termenv.ANSI256, nil
	case "true":
		return termenv.TrueColor, nil
	}
	return termenv.Ascii, fault.New(fault.Usage, "choose none, 16, 256, true or auto", "no colours %q", asked)
}

// userName is the name the system knows the user by, to propose where one is
// asked for.
func userName() string {
	u, err := user.Current()
	if err != nil || u.Uid == "0" { // an account, nobody's name
		return ""
	}
	name, _, _ := strings.Cut(u.Name, ",")
	return cmp.Or(strings.TrimSpace(name), u.Username)
}

// commands runs this program's commands in the folder of a pilot.
type commands struct{ exe string }

func (c commands) Run(ctx context.Context, l lang.Language, dir string, hear func(line string), args ...string) (tui.Output, error) {
	cmd := exec.CommandContext(ctx, c.exe, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, inLanguage(l), &out, &errs
	if hear != nil {
		cmd.Stderr = io.MultiWriter(&errs, &lineWriter{hear: hear})
	}
	err := cmd.Run()
	got := tui.Output{Out: out.String(), Errs: errs.String(), Code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return got, fault.New(fault.Missing, "", "start %s: %w", c.Line(args...), err)
	}
	return got, ctx.Err()
}

// lineWriter hands on what is written to it, line by line.
type lineWriter struct {
	hear func(line string)
	rest []byte // a line without its end yet
}

func (l *lineWriter) Write(text []byte) (int, error) {
	l.rest = append(l.rest, text...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		l.hear(string(line))
		l.rest = rest
	}
}

// inLanguage is the environment of a command that talks in a language.
func inLanguage(l lang.Language) []string {
	return append(os.Environ(), lang.CommandsVariable+"="+string(l))
}

// Start gives the command a session of its own, so that a closed terminal does
// not end it.
func (c commands) Start(l lang.Language, dir, log string, args ...string) (<-chan int, error) {
	failed := func(err error) (<-chan int, error) {
		return nil, fault.New(fault.Missing, "choose a folder you may write to", "start %s: %w", c.Line(args...), err)
	}
	if err := os.MkdirAll(filepath.Dir(log), 0o755); err != nil {
		return failed(err)
	}
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	cmd := exec.Command(c.exe, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, inLanguage(l), f, f
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return failed(err)
	}
	ended := make(chan int, 1)
	go func() {
		_ = cmd.Wait() // its exit code says it
		ended <- cmd.ProcessState.ExitCode()
	}()
	return ended, nil
}

func (c commands) Line(args ...string) string {
	words := []string{"framepilot"}
	for _, arg := range args {
		words = append(words, tui.Quote(arg))
	}
	return strings.Join(words, " ")
}
