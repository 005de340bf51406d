package linear

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/guard"
)

// Options are how an App is read out; the zero value will do.
type Options struct {
	Bell bool // sounds when a run ends
}

// Run leads through the App by questions and answers: a page is read out, a
// line is taken, until the user leaves. The number of an action does it, and
// the numbers after those are the other screens; any other word is a key of the
// App, or text where text is asked for. The end of the input leaves; it never
// answers anything.
//
// While it waits for a line it says what a run at work came to: a line every
// tenth of a step or every minute, and how it ended.
func Run(ctx context.Context, app *tui.App, in *bufio.Reader, out io.Writer, o Options) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	return run(ctx, app, in, out, o, tick.C)
}

// look is how often the App looks at what changed outside.
const look = time.Second

func run(ctx context.Context, app *tui.App, in *bufio.Reader, out io.Writer, o Options, tick <-chan time.Time) error {
	finish(ctx, app, app.Open())
	do := func(tasks []tui.Task) { // a command is read out before it is run
		if said := app.Page().Status; len(tasks) > 0 && said != "" {
			fmt.Fprintln(out, said)
		}
		finish(ctx, app, tasks)
	}
	for !app.Quit() {
		p := app.Page()
		if app.Typing() { // numbers are answers then
			p.Actions = nil
		}
		if _, err := io.WriteString(out, Text(p)); err != nil {
			return fault.New(fault.Missing, "", "read a page out: %w", err)
		}
		choices := append(Choices(p), app.Screens()...)
		if app.Typing() {
			fmt.Fprintln(out, app.Language().Text("linear.typing"))
		} else {
			fmt.Fprintln(out, screens(app, len(choices)))
			fmt.Fprintln(out, app.Language().Text("linear.prompt"))
		}
		tell(app, out, o)
		line, err := readLine(ctx, in, tick, func() {
			finish(ctx, app, app.Tick())
			tell(app, out, o)
		})
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		answer := strings.TrimSpace(line)
		if app.Typing() {
			switch answer {
			case "": // what stands there will do
				do(app.Key("enter"))
			case "<":
				do(app.Key("up"))
			case "esc":
				do(app.Key("esc"))
			default:
				do(app.Type(answer))
			}
			continue
		}
		if n, err := strconv.Atoi(answer); err == nil {
			if n < 1 || n > len(choices) {
				fmt.Fprintln(out, app.Language().Text("linear.bad", lang.Args{"Key": answer}))
				continue
			}
			do(app.Key(choices[n-1].Key))
			continue
		}
		if answer == "" { // look again
			finish(ctx, app, app.Tick())
			continue
		}
		if !app.Knows(answer) {
			fmt.Fprintln(out, app.Language().Text("linear.bad", lang.Args{"Key": answer}))
			continue
		}
		do(app.Key(answer))
		if text := app.Clip(); text != "" { // there is no clipboard to reach from here
			fmt.Fprint(out, text)
		}
	}
	return nil
}

// screens says which number leads to which screen; the last has the highest.
func screens(app *tui.App, last int) string {
	var all []string
	list := app.Screens()
	for i, s := range list {
		all = append(all, fmt.Sprintf("%d %s", last-len(list)+1+i, s.Label))
	}
	return app.Language().Text("linear.screens") + ": " + strings.Join(all, ", ") + "."
}

// finish carries tasks out, and those that follow from them, one after the
// other: nothing happens behind the reader's back.
func finish(ctx context.Context, app *tui.App, tasks []tui.Task) {
	for len(tasks) > 0 {
		task := tasks[0]
		tasks = append(tasks[1:], app.Done(task(ctx))...)
	}
}

// tell says what happened unasked, a line each.
func tell(app *tui.App, out io.Writer, o Options) {
	for _, n := range app.News() {
		if n.Ended && o.Bell {
			fmt.Fprint(out, "\a")
		}
		fmt.Fprintln(out, strings.Join(strings.Fields(n.Text), " "))
	}
}

// readLine reads a line, or ends with ctx. While it waits it calls idle at
// every tick.
func readLine(ctx context.Context, in *bufio.Reader, tick <-chan time.Time, idle func()) (string, error) {
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	guard.Go(func() {
		line, err := in.ReadString('\n')
		if line != "" {
			err = nil // the last line may lack its end
		}
		got <- read{line, err}
	}, func(err error) { got <- read{"", err} })
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case r := <-got:
			return r.line, r.err
		case <-tick:
			idle()
		}
	}
}
