package cli

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui"
	"framepilot/tui/linear"
)

// listener answers what is read out. Of its lines, "@Board" is the number that
// was read for the screen, "#seal" the number of that action; the rest is
// typed as it stands.
type listener struct {
	t     *testing.T
	lines []string

	mu    sync.Mutex
	heard bytes.Buffer
}

func (l *listener) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard.Write(text)
}

func (l *listener) Read(p []byte) (int, error) {
	if len(l.lines) == 0 {
		return 0, io.EOF
	}
	line := l.lines[0]
	l.lines = l.lines[1:]
	l.mu.Lock()
	heard := l.heard.String()
	l.mu.Unlock()
	number := func(pattern string) string {
		all := regexp.MustCompile(pattern).FindAllStringSubmatch(heard, -1)
		if all == nil {
			l.t.Errorf("nobody read out %q; the last words were\n%s", line, heard[max(0, len(heard)-1500):])
			return "q"
		}
		return all[len(all)-1][1]
	}
	switch {
	case strings.HasPrefix(line, "@"):
		line = number(`Screens: .*?\b(\d+) ` + line[1:] + `[,.]`)
	case strings.HasPrefix(line, "#"):
		line = number(`(?m)^(\d+): ` + regexp.QuoteMeta(line[1:]) + `\.$`)
	}
	return copy(p, line+"\n"), nil
}

// The same dialogs, read out and answered line by line, wrong answers first.
func TestEveryDialogIsSubmittedByEar(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some fifty processes")
	}
	dir, clips := emptyPilot(t)
	t.Setenv(asProgram, "1")
	hear := func(dir string, lines ...string) (said string, ran []string) {
		t.Helper()
		rec := &recorder{commands: commands{os.Args[0]}}
		app := tui.New(tui.Options{Dir: dir, Language: lang.English, By: "K. Sato", Commands: rec, Models: func() []string { return []string{"demo"} }})
		l := &listener{t: t, lines: append(lines, "q")}
		if err := linear.Run(t.Context(), app, bufio.NewReader(l), l, linear.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(l.lines) > 0 {
			t.Errorf("%q were never asked for", l.lines)
		}
		said = l.heard.String()
		for _, line := range rec.ran {
			if reads := regexp.MustCompile(` (choices|check) .*--json|--dry-run| run `); !reads.MatchString(line) && !strings.Contains(said, "\n"+line+"\n") {
				t.Errorf("%q was run and never read out", line)
			}
		}
		return said, rec.ran
	}
	holds := func(kinds ...pilot.EntryKind) {
		t.Helper()
		var got []pilot.EntryKind
		err := readLedger(t.Context(), dir, func(l *pilot.Ledger) error {
			b, err := l.Board(t.Context(), "")
			for _, e := range b.Entries {
				got = append(got, e.Kind)
			}
			return err
		})
		if err != nil || !slices.Equal(got[max(0, len(got)-len(kinds)):], kinds) {
			t.Errorf("the ledger holds %v (%v), want at its end %v", got, err, kinds)
		}
	}
	hears := func(said string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("nobody said %q", w)
			}
		}
	}

	said, _ := hear(".", "#new pilot", "<", "taken.txt", dir, "line 3", "Is it up or down?", "",
		"#clips and model", clips, "", "#write this plan", "esc",
		"@Ledger", "#add a note", "", "new helmets", "",
		"@Board", "#agree on a gate", "tells up from down", "", "", "70", "0.2", "day", "", "3", "",
		"#seal", "",
		"#agree on a gate", "licence", "signature", "sign-off", "",
		"down", "#seal", "", "#sign", "", "contract 7",
		"#agree on a gate", "fast enough", "clips_per_hour", "", "1e12", "",
		"down", "#waive", "", "", "not needed", "",
		"#decide", "conditions", "", "<", "undecided", "", "", "",
	)
	hears(said, "Please fill this in.", "0.7 is 70 %", "Choose one of", "Say which conditions.")
	holds(pilot.Created, pilot.Noted, pilot.Proposed, pilot.Sealed, pilot.Proposed, pilot.Sealed, pilot.Signed, pilot.Proposed, pilot.Waived, pilot.Decided)
	if out, err := (commands{os.Args[0]}).Run(t.Context(), lang.English, dir, nil, "run", "plan.toml"); err != nil || out.Code != 0 {
		t.Fatalf("run: %v %+v", err, out)
	}
	assume := func(clips string) []string { // from there to the end of the form
		return append([]string{clips}, slices.Repeat([]string{""}, 12)...)
	}
	lines := slices.Concat([]string{"@Board", "#judge", "none such", "zero-shot, prompts: names", "",
		"@Return", "#price of one kind of error", "<", "<", "lift", "lift", "drop", "5", "", "",
		"#change the assumptions", "JPY", "3,2,1"}, assume("9000,10000,12000"), []string{
		"@Report", "#write the report", "report.doc", "for the board.html",
		"@Board", "#waive", "shown elsewhere", "",
		"#decide", "conditions", "by day only", "", "k. sato", "M. Tanaka",
		"#open the next stage", "",
	})
	said, _ = hear(dir, lines...)
	hears(said, "That would be no error", "rising order", "End the name", "somebody else")
	holds(pilot.Checked, pilot.Assumed, pilot.Assumed, pilot.Assumed, pilot.Waived, pilot.Decided, pilot.Promoted)
}
