package shell

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"framepilot/internal/fault"
)

// restores gives back what a UI takes of a terminal: the mouse, marked pastes,
// word of its window's focus, a hidden cursor, colours, a screen of its own.
// That screen is left last, and since terminals that are not on it jump to where
// the cursor once was, the prompt comes on the last line.
var restores = strings.Join([]string{
	"\x1b[?1000l", "\x1b[?1002l", "\x1b[?1003l", "\x1b[?1006l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[?25h", "\x1b[0m", "\x1b[?7h",
	"\x1b[?1049l", "\x1b[9999;1H", "\r\n",
}, "")

// Reset gives a terminal back that a UI left as it had it, because it was
// killed: its screen, and echo and lines of its keyboard as `stty sane` sets
// them.
func Reset(terminal *os.File) error {
	sane := exec.Command("stty", "sane")
	sane.Stdin = terminal
	if said, err := sane.CombinedOutput(); err != nil {
		return fault.New(fault.Missing, "close this window and open another", "reset the terminal: stty sane: %w %s", err, said)
	}
	if _, err := terminal.WriteString(restores); err != nil {
		return fmt.Errorf("reset the terminal: %w", err)
	}
	return nil
}
