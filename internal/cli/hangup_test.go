package cli

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"framepilot/adapt/live"
)

// A closed terminal ends a command as Ctrl-C does, by its own exit code; under
// nohup it goes on.
func TestClosedTerminalEndsACommand(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("these tests run under nohup themselves")
	}
	dir := t.TempDir()
	unlock, err := live.Lock(filepath.Join(dir, ".framepilot"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	path := live.EventsFile(dir, "0041be7c-1")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	log := `{"event":"run","run":"0041be7c-1","status":"started"}` + "\n" + `{"event":"warning","run":"0041be7c-1","text":"it is followed"}` + "\n"
	if err := os.WriteFile(path, []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		under string
		send  []syscall.Signal
		code  int
	}{
		{"a terminal", "", []syscall.Signal{syscall.SIGHUP}, exitHungUp},
		{"nohup", "trap '' HUP; ", []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}, exitTerminated},
	} {
		cmd := exec.Command("sh", "-c", c.under+`exec "$0" runs attach --pilot "$1"`, os.Args[0], dir) // follows a run that never ends
		cmd.Env = append(os.Environ(), asProgram+"=1")
		says, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(says)
		for lines.Scan() && lines.Text() != "warning: it is followed" {
		}
		for _, signal := range c.send {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
		for lines.Scan() {
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != c.code {
			t.Errorf("in %s: exit code %d, %v, want %d", c.name, cmd.ProcessState.ExitCode(), err, c.code)
		}
	}
}
