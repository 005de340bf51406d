package shell

import (
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A terminal as a killed UI leaves it shows what is typed again, and has its
// own screen.
func TestReset(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer master.Close()
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil {
		t.Fatal(err)
	}
	sent := make(chan string)
	go func() {
		text, _ := io.ReadAll(master) // ends in an error where the other side is closed
		sent <- string(text)
	}()
	if err := Reset(slave); err != nil {
		t.Fatal(err)
	}
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if want := uint32(unix.ECHO | unix.ICANON | unix.ISIG); mode.Lflag&want != want || mode.Oflag&unix.OPOST == 0 || mode.Iflag&unix.ICRNL == 0 {
		t.Errorf("the terminal is left as %+v", mode)
	}
	slave.Close()
	text := <-sent
	for _, sequence := range []string{"\x1b[?1049l", "\x1b[?1006l", "\x1b[?2004l", "\x1b[?25h"} {
		if !strings.Contains(text, sequence) {
			t.Errorf("%q was not sent, but %q", sequence, text)
		}
	}
	pipe, _, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	if err := Reset(pipe); err == nil {
		t.Error("a closed file was reset")
	}
}
