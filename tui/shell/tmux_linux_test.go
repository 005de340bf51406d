package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/internal/needed"
)

// openInTmux is openAnswered with a tmux between the UI and the terminal.
func openInTmux(t *testing.T, passthrough string) (u *terminal, tmux func(args ...string) string) {
	t.Helper()
	program, err := exec.LookPath("tmux")
	if err != nil {
		needed.Missing(t, "tmux", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "conf")
	if err := os.WriteFile(config, []byte("set -g allow-passthrough "+passthrough+"\nset -g default-terminal screen-256color\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := serverName(dir)
	tmux = func(args ...string) string {
		out, _ := exec.Command(program, append([]string{"-L", server}, args...)...).CombinedOutput() // what it says is looked at
		return string(out)
	}
	t.Cleanup(func() { tmux("kill-server") })
	return openProgram(t, exec.Command(program, "-u", "-L", server, "-f", config, "new-session", "env", asUI+"="+showsPictures, os.Args[0]), playKitty), tmux
}

// serverName is a name no other tmux has, from a test's own folder; no path,
// for a socket's must be short and that of temporary files may not be.
func serverName(dir string) string { return filepath.Base(filepath.Dir(dir)) }

// tmux that may pass things on does so with the question, its answer and the
// picture; its own screen holds the cells.
func TestKittyThroughTmux(t *testing.T) {
	t.Parallel()
	u, tmux := openInTmux(t, "on")
	u.shows("There is no pilot")
	u.types("2")
	u.shows("\U0010EEEE")
	ids, rgb := given(t, u.output())
	if len(ids) != 1 || string(rgb) != string(somePixels(160, 120)) {
		t.Fatalf("pictures %v were handed over, the last of %d bytes", ids, len(rgb))
	}
	n := 0
	if !until(func() bool { n = strings.Count(tmux("capture-pane", "-p"), "\U0010EEEE"); return n == 32*12 }) {
		t.Errorf("it stands in %d cells", n)
	}
	u.types("q")
	u.shows("d=I,q=2,i=" + ids[0])
}

// tmux that may not gets half blocks; the question would be its title.
func TestNoKittyThroughTmux(t *testing.T) {
	t.Parallel()
	u, tmux := openInTmux(t, "off")
	u.shows("There is no pilot")
	u.types("2")
	if !until(func() bool { return strings.Contains(tmux("capture-pane", "-p"), "▀▀▀▀") }) {
		t.Errorf("no picture: %s", tmux("capture-pane", "-p"))
	}
	if title := tmux("display-message", "-p", "#{pane_title}"); strings.Contains(title, "Gi=") {
		t.Errorf("the title is %q", title)
	}
	if strings.Contains(u.output(), "\x1b_G") {
		t.Error("it was asked to draw")
	}
	u.types("q")
	if err := u.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
