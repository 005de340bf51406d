package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framepilot/internal/fault"
	"framepilot/tui/shell"
)

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(plan, []byte("schema = 1\nnope = 2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken.gif")
	if err := os.WriteFile(broken, []byte("GIF89a and then nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want int
	}{
		{"", exitDone}, {"--help", exitDone}, {"doctor", exitDone}, {"model", exitDone},
		{"nonsense", exitUsage}, {"--nonsense", exitUsage}, {"model nonsense", exitUsage}, {"run", exitUsage},
		{"fit logistic", exitUsage}, {"embed x", exitUsage}, {"model verify x", exitUsage},
		{"run " + plan, exitConfig},
		{"run " + filepath.Join(dir, "none.toml"), exitConfig},
		{"model import " + plan, exitInput},
		{"video inspect " + broken, exitInput},
		{"model import " + filepath.Join(dir, "none.pth"), exitMissing},
		{"model verify none --golden none", exitMissing},
		{"report --pilot " + dir, exitMissing},
	} {
		var out, errs bytes.Buffer
		if got := Main(strings.Fields(c.args), strings.NewReader(""), &out, &errs); got != c.want {
			t.Errorf("framepilot %s: exit code %d, want %d\n%s", c.args, got, c.want, errs.String())
		}
	}
}

func TestCodeOfFault(t *testing.T) {
	inner := fault.New(fault.Input, "", "bad clip")
	for err, want := range map[error]int{
		errors.New("x"):                                 exitUnexpected,
		fmt.Errorf("run: %w", inner):                    exitInput,
		fault.New(fault.Partial, "", "many: %w", inner): exitPartial,
		failed(fault.Config):                            exitConfig,
		fmt.Errorf("tui: %w", shell.ErrHangup):          exitHungUp,
	} {
		if got := code(err); got != want {
			t.Errorf("%v: code %d, want %d", err, got, want)
		}
	}
}

// Off a terminal progress is plain lines, one each tenth of the way at most.
func TestProgressLines(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &progress{w: &b, now: func() time.Time { return now }}
	for i := range int64(101) {
		p.show(i, 100, fmt.Sprintf("%d clips", i))
		now = now.Add(time.Second)
	}
	p.end()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 10 || lines[0] != "10 clips, about 1m30s left" || lines[9] != "100 clips" {
		t.Errorf("progress:\n%s", b.String())
	}
	if strings.ContainsAny(b.String(), "\r\x1b") {
		t.Error("control characters off a terminal")
	}
}

// On a terminal progress redraws its line, and other talk does not tear it.
func TestProgressOnTerminal(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &progress{w: &b, terminal: true, width: func() int { return 40 }, now: func() time.Time { return now }}
	for i := range int64(1000) {
		p.show(i, 1000, "x")
		now = now.Add(time.Millisecond)
	}
	if n := strings.Count(b.String(), "\r"); n > 11 {
		t.Errorf("%d redraws in a second, want at most ten", n)
	}
	p.line("warning")
	if !strings.HasSuffix(b.String(), "\nwarning\n") {
		t.Errorf("the warning is not on a line of its own: %q", b.String()[b.Len()-40:])
	}
	b.Reset()
	p.line("warning: 12 clips all but the same across splits: 倉庫/持ち上げる/録画一.gif and day/lift/rec001_1.gif")
	want := "warning: 12 clips all but the same\n  across splits:\n  倉庫/持ち上げる/録画一.gif and\n  day/lift/rec001_1.gif\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
